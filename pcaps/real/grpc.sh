#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# grpcio on both ends: unary, streaming from the client, from the server and both ways, gzip messages, an error with a message, a deadline.
# Needs python3-grpcio, python3-protobuf. bank.desc, the descriptor set, is written beside the capture.
. "$(dirname "$0")/net.sh"
real_up grpc
real_srv /usr/bin/python3 "$here/grpc_ends.py" server "$tmp/bank.desc"
real_wait 50051
cp "$tmp/bank.desc" "$here/bank.desc"
real_cli /usr/bin/python3 "$here/grpc_ends.py" client
real_done
