"""Stand-ins for the servers that engines ask: the real wire, on this machine, going wrong at will.

async with StandIn(OpenAIWire(key="k")) as server:
    server.troubles.append(Trouble(status=500))     # the next answer; the one after is fine
    engine = OpenAIResponder(base_url=f"{server.url}/v1", api_key="k")
"""

from repartee.testing.standins.server import StandIn
from repartee.testing.standins.wire import Heard, Reply, Trouble, Wire

__all__ = ["Heard", "Reply", "StandIn", "Trouble", "Wire"]
