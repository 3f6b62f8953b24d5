from django.urls import path

from chat.pages import blocks, chats

urlpatterns = [
    path("", chats.chats, name="chats"),
    path("new", chats.new, name="new"),
    path("chats/rows", chats.rows, name="rows"),
    path("chats/<uuid:conversation_id>", chats.conversation, name="conversation"),
    path("chats/<uuid:conversation_id>/read", chats.read, name="read"),
    path("chats/<uuid:conversation_id>/history", chats.history, name="history"),
    path("chats/<uuid:conversation_id>/changes", chats.changes, name="changes"),
    path("people/<uuid:user_id>/block", blocks.block_person, name="block"),
    path("people/<uuid:user_id>/unblock", blocks.unblock_person, name="unblock"),
]
