# SPDX-License-Identifier: Apache-2.0
"""Server and client of websocket.sh: the server answers each message in capitals, binary ones reversed."""
import asyncio
import json
import sys

import websockets
from websockets.extensions import permessage_deflate as pmd


async def serve(ws):
    async for m in ws:
        if m == "bye":
            await ws.close(1001, "going away")
            return
        await ws.send(m.upper() if isinstance(m, str) else m[::-1])


async def talk(path, extensions, messages, last="client", subprotocols=None):
    told = {"path": path, "sent": 0, "got": 0}
    async with websockets.connect("ws://10.88.0.1:8765" + path, compression=None, extensions=extensions, subprotocols=subprotocols,
                                  max_size=None) as ws:
        told["compressed"] = bool(ws.extensions)
        for m in messages:
            await ws.send(iter(m) if isinstance(m, list) else m)
            told["sent"] += len("".join(m)) if isinstance(m, list) else len(m)
            told["got"] += len(await ws.recv())
        await (await ws.ping())
        if last == "server":
            await ws.send("bye")
            told["sent"] += 3
            await ws.wait_closed()
            told["close"] = ws.close_code
    print(json.dumps(told), flush=True)


async def client():
    texts = [json.dumps({"type": "quote", "symbol": "S%d" % (i % 3), "price": 10 + i / 4, "note": "same words again and again"}) for i in range(12)]
    await talk("/takeover", [pmd.ClientPerMessageDeflateFactory()], texts)
    await talk("/no-takeover", [pmd.ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)], texts)
    await talk("/small-window", [pmd.ClientPerMessageDeflateFactory(server_max_window_bits=9, client_max_window_bits=9)], texts)
    await talk("/plain", None, texts[:3] + [["part one,", "part two,", "part three"], b"\x00\x01\x02" * 500], last="server", subprotocols=["bank.v1"])


async def server():
    async with websockets.serve(serve, "0.0.0.0", 8765, subprotocols=["bank.v1"], max_size=None):
        await asyncio.Future()

asyncio.run(server() if sys.argv[1] == "server" else client())
