// Two soft notes, made on the spot: nothing to load, nothing to keep.

const NOTES = [[659.25, 0], [880, 0.11]];
const SECONDS = 0.35;
const LOUD = 0.06;
let context = null;

// Does nothing where the browser wants a click on the page first and had none.
export async function playSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 300))]);
  if (context.state !== "running") return false;
  for (const [pitch, wait] of NOTES) {
    const start = context.currentTime + wait;
    const note = new OscillatorNode(context, { type: "sine", frequency: pitch });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUD, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + SECONDS);
    note.connect(volume).connect(context.destination);
    note.start(start);
    note.stop(start + SECONDS);
  }
  return true;
}
