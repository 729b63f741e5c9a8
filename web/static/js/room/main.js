/** The interview room's page: the two steps before, the room, the end. */

import { ConsentStep } from "./consent-step.js";
import { DeviceCheck } from "./device-check.js";
import { followKeyboard } from "./device.js";
import { part } from "./dom.js";
import { Microphone } from "./microphone.js";
import { Notices } from "./notices.js";
import { readPage } from "./page.js";
import { Room } from "./room.js";

const root = part(document, "room", HTMLElement);
const page = readPage(root);
const steps = part(root, "steps", HTMLElement);
const notices = new Notices(part(root, "notices", HTMLElement), page.iconsUrl);

const microphone = new Microphone({
  workletUrl: page.captureWorkletUrl,
  onState: (state) => {
    deviceCheck.show(state);
    room.microphoneChanged(state);
  },
});

const consent = new ConsentStep({
  root: part(root, "consent-step", HTMLElement),
  onAgreed: (to) => room.agree(to),
});

const deviceCheck = new DeviceCheck({
  root: part(root, "device-step", HTMLElement),
  microphone,
  sprite: page.iconsUrl,
  onReady: (withMicrophone) => {
    consent.open();
    if (!withMicrophone) consent.focus();
    void room.reach();
  },
});

const room = new Room({
  root: part(root, "stage", HTMLElement),
  page,
  microphone,
  notices,
  onWelcome: (welcome) => {
    deviceCheck.tell(welcome.recogniser);
    consent.know(welcome.consented);
    consent.say("");
  },
  onWaiting: (sentence) => consent.say(sentence),
  onEntered: () => {
    deviceCheck.close();
    steps.hidden = true;
  },
});

void microphone.recall();
followKeyboard();
