"""How often one may write."""

from pulse.lib.throttling import Limit

# Ten a second for a minute: far more than a person types, far less than a flood.
SEND = Limit("send", tries=600, seconds=60)
