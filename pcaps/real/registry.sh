#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Debian's docker-registry: an image of one layer pushed (with a chunked upload and a mount), listed, pulled, asked for and deleted by curl.
. "$(dirname "$0")/net.sh"
real_up registry
cat > "$tmp/config.yml" <<CONF
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $tmp/store}, delete: {enabled: true}}
http: {addr: 0.0.0.0:5000}
CONF
real_srv docker-registry serve "$tmp/config.yml"
real_wait 5000
u=http://10.88.0.1:5000/v2
say='{"url":"%{url}","method":"%{method}","status":%{response_code}}\n'
c() { real_cli curl -sS -o /dev/null -w "$say" "$@"; }
head -c 5000 /dev/urandom > "$tmp/layer"
echo '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' > "$tmp/config"
dl=sha256:$(sha256sum < "$tmp/layer" | cut -d' ' -f1) dc=sha256:$(sha256sum < "$tmp/config" | cut -d' ' -f1)
upload() { # REPOSITORY FILE DIGEST
  location=$(ip netns exec "real-cli-$$" curl -sS -o /dev/null -D - -X POST "$u/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //Ip')
  echo '{"url":"uploads","method":"POST","status":202}' >> "$here/$name.told"
  location=$(ip netns exec "real-cli-$$" curl -sS -o /dev/null -D - -X PATCH -H 'Content-Type: application/octet-stream' --data-binary "@$2" "$location" | tr -d '\r' | sed -n 's/^Location: //Ip')
  echo '{"url":"uploads","method":"PATCH","status":202}' >> "$here/$name.told"
  c -X PUT "$location&digest=$3"
}
c $u/
c -I "$u/bank/core/blobs/$dl"
upload bank/core "$tmp/layer" "$dl"
upload bank/core "$tmp/config" "$dc"
cat > "$tmp/manifest" <<JSON
{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":$(stat -c %s "$tmp/config"),"digest":"$dc"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":5000,"digest":"$dl"}]}
JSON
m=application/vnd.docker.distribution.manifest.v2+json
c -X PUT -H "Content-Type: $m" --data-binary "@$tmp/manifest" $u/bank/core/manifests/1.2
c -X POST "$u/bank/other/blobs/uploads/?mount=$dl&from=bank/core"
c $u/_catalog
c $u/bank/core/tags/list
c -H "Accept: $m" $u/bank/core/manifests/1.2
c "$u/bank/core/blobs/$dl"
c $u/bank/core/manifests/9.9
c -X DELETE $u/bank/core/manifests/sha256:$(sha256sum < "$tmp/manifest" | cut -d' ' -f1)
real_done
