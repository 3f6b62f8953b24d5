from django.urls import path

from chat import api

urlpatterns = [
    path("conversations", api.Conversations.as_view()),
    path("conversations/<uuid:conversation_id>", api.OneConversation.as_view()),
    path("conversations/<uuid:conversation_id>/participants", api.Participants.as_view()),
    path("conversations/<uuid:conversation_id>/messages", api.Messages.as_view()),
    path("conversations/<uuid:conversation_id>/changes", api.Changes.as_view()),
    path("conversations/<uuid:conversation_id>/read", api.Read.as_view()),
    path("conversations/<uuid:conversation_id>/delivered", api.Delivered.as_view()),
    path("messages/<uuid:message_id>", api.OneMessage.as_view()),
    path("blocks", api.Blocks.as_view()),
    path("blocks/<uuid:user_id>", api.OneBlock.as_view()),
]
