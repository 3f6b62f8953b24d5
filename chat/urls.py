from django.urls import path

from chat import block_pages, pages

urlpatterns = [
    path("", pages.chats, name="chats"),
    path("new", pages.new, name="new"),
    path("chats/rows", pages.rows, name="rows"),
    path("chats/<uuid:conversation_id>", pages.conversation, name="conversation"),
    path("chats/<uuid:conversation_id>/read", pages.read, name="read"),
    path("chats/<uuid:conversation_id>/history", pages.history, name="history"),
    path("chats/<uuid:conversation_id>/changes", pages.changes, name="changes"),
    path("people/<uuid:user_id>/block", block_pages.block_person, name="block"),
    path("people/<uuid:user_id>/unblock", block_pages.unblock_person, name="unblock"),
]
