#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# python3-websockets on both ends: permessage-deflate with and without context takeover, none, fragments, binary messages, pings, both ways of closing.
. "$(dirname "$0")/net.sh"
real_up websocket
real_srv /usr/bin/python3 "$here/websocket_ends.py" server
real_wait 8765
real_cli /usr/bin/python3 "$here/websocket_ends.py" client
real_done
