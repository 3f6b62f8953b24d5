from chat.models.conversations import Conversation, Participant
from chat.models.live_shares import LiveShare, LiveShareViewer
from chat.models.marks import Hidden, Mention, Reaction, Star
from chat.models.messages import Message, Revision

__all__ = [
    "Conversation",
    "Hidden",
    "LiveShare",
    "LiveShareViewer",
    "Mention",
    "Message",
    "Participant",
    "Reaction",
    "Revision",
    "Star",
]
