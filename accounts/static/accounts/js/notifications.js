// The settings' page: whether this browser may show notifications, and how the sound sounds.
import { playSound } from "./sound.js";

const section = document.querySelector("[data-permission]");
const tryIt = document.querySelector("[data-try-sound]");

function show() {
  const state = "Notification" in window ? Notification.permission : "unsupported";
  for (const row of section.querySelectorAll("[data-when]")) row.hidden = row.dataset.when !== state;
  section.hidden = false;
}

section.querySelector("[data-ask]").addEventListener("click", async () => {
  await Notification.requestPermission();
  show();
});
tryIt.addEventListener("click", () => playSound());
tryIt.hidden = false;
show();
