"""What people say of themselves."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import actions, bodies
from accounts.api.views import caller
from accounts.serializers import me_json
from pulse.lib.rest import checked_body


class Me(APIView):
    def get(self, request: Request) -> Response:
        return Response(me_json(caller(request)[0]))

    def patch(self, request: Request) -> Response:
        fields = checked_body(bodies.ProfileBody, request)
        return Response(me_json(actions.change_profile(user=caller(request)[0], **fields)))
