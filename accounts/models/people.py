"""People, and whom they block."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from pulse.lib.ids import uuid7

# How many colours a person's avatar may take; the same number stands in tokens.css.
HUES = 10


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def verified(self) -> UserQuerySet:
        return self.active().filter(verified=True)

    def visible_to(self, viewer: User) -> UserQuerySet:
        """Verified people, without those who blocked ``viewer`` or whom ``viewer`` blocked."""
        return self.verified().filter(~Exists(Block.objects.between(viewer, OuterRef("pk"))))

    def apart_from(self, person: User) -> UserQuerySet:
        """Those who blocked ``person`` or whom ``person`` blocked: neither adds the other to a group."""
        return self.filter(Exists(Block.objects.between(person, OuterRef("pk"))))

    def hiding_last_seen(self) -> UserQuerySet:
        """Those who show nobody when they were last here; nor do they see it of others."""
        return self.filter(preferences__last_seen="nobody")

    def hiding_reading(self) -> UserQuerySet:
        """Those who show nobody what they have read in a direct chat; nor do they see it of others."""
        return self.filter(preferences__read_receipts=False)

    def named(self, beginning: str) -> UserQuerySet:
        """People of whose name a word starts with ``beginning``."""
        return self.filter(Q(name__istartswith=beginning) | Q(name__icontains=f" {beginning}"))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # made at run time
    def create_user(self, *, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """A new person. ``email`` is kept in lower case; without a password nobody can sign in as them."""
        user: User = self.model(email=normalize_email(email), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(
            email=email,
            name=name,
            password=password,
            **{"is_staff": True, "is_superuser": True, "verified": True} | fields,
        )

    def get_by_natural_key(self, username: str | None) -> User:
        """Django's admin and its auth backend look people up by this."""
        user: User = self.get(email=normalize_email(username or ""))
        return user


def normalize_email(email: str) -> str:
    """An address as it is stored and compared. Lower-cased here, since SQLite's lower() knows only ASCII."""
    return email.strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=254, unique=True)
    avatar = models.ImageField(upload_to="avatars/", max_length=200, blank=True)
    about = models.CharField(max_length=500, blank=True)
    verified = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # When its owner closed it for good; what is left of them then is a name that says so.
    closed_at = models.DateTimeField(null=True, blank=True)
    # By whose leave they registered, where registration isn't open; it counts once their address is verified.
    invitation = models.ForeignKey(
        "accounts.Invitation", on_delete=models.SET_NULL, null=True, blank=True, related_name="people"
    )
    suspended_until = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def hue(self) -> int:
        return hue_of(self.id)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def hides_last_seen(self) -> bool:
        """As :meth:`UserQuerySet.hiding_last_seen` says, of a person who was read already."""
        return isinstance(self.preferences, dict) and self.preferences.get("last_seen") == "nobody"

    @property
    def is_suspended(self) -> bool:
        return self.suspended_until is not None and self.suspended_until > timezone.now()


def hue_of(user_id: uuid.UUID) -> int:
    """The colour, 0 to 9, that a person wears everywhere. From the random tail of the id: its head is a time."""
    return user_id.int % HUES


def initials_of(name: str) -> str:
    """What stands for a person with no picture: two initials, or one character of a script without capitals."""
    # "#ubuntu/2017" is a U, and "O'Connor" an O; a name without letters shows how it begins.
    letters = [letter for word in name.split() if (letter := next(filter(str.isalpha, word), ""))]
    if not letters:
        return name.strip()[:1] or "?"
    first, last = letters[0].upper()[0], letters[-1].upper()[0]
    return first if len(letters) == 1 or first == letters[0].lower() else first + last


class BlockQuerySet(models.QuerySet["Block"]):
    def between(self, one: User | uuid.UUID | OuterRef, other: User | uuid.UUID | OuterRef) -> BlockQuerySet:
        """Of two people the one's block of the other and the other's of the one."""
        return self.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one))


class Block(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_made", db_index=False)
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks_received")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_per_pair"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"
