// Where the browser's part begins. Every page works without it; with it, chats are live.
import { keepInitials } from "./avatars.js";
import { ChatList } from "./chats.js";
import { Connection } from "./connection.js";
import { OpenConversation } from "./conversation.js";
import { OfflineNotice } from "./notice.js";
import { Notifications } from "./notifications.js";
import { Outbox } from "./outbox.js";
import { keepTimeZone } from "./times.js";

keepTimeZone();
keepInitials();
for (const toast of document.querySelectorAll(".toast")) setTimeout(() => toast.remove(), 6000);

const userId = document.body.dataset.userId;
const main = document.querySelector("[data-open-conversation]");
const list = document.querySelector("[data-chat-list]");
if (userId) {
  const connection = new Connection("/ws/v1?html=1");
  const outbox = new Outbox(connection, userId);
  new OfflineNotice(document.querySelectorAll("[data-offline]"), connection, outbox);
  new ChatList(list, connection, userId, main?.dataset.openConversation);
  if (main) new OpenConversation(main, connection, outbox, userId);
  const words = document.getElementById("notification-words");
  if (words && document.body.dataset.notify) new Notifications(connection, userId, document.body.dataset.notify.split(" "), words.dataset);
  connection.start();
}
