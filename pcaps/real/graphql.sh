#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# graphql-core behind http.server, asked by its own documents: GET, POST, a batch, aliases, fragments, a mutation, introspection, errors.
. "$(dirname "$0")/net.sh"
real_up graphql
real_srv /usr/bin/python3 "$here/graphql_ends.py" server
real_wait 8080
real_cli /usr/bin/python3 "$here/graphql_ends.py" client
real_done
