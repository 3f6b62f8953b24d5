"""How often the office may be asked for what costs much."""

from pulse.lib.throttling import Limit

EXPORTS = Limit("personal-export", tries=5, seconds=3600)
