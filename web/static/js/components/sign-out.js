import { Problem, call } from "../kit/api.js";
import { all } from "../kit/dom.js";
import { toast } from "../kit/toast.js";

export function signOutButtons() {
  for (const button of all("[data-sign-out]", HTMLButtonElement)) {
    button.addEventListener("click", async () => {
      try {
        await call("DELETE", "/api/v1/session");
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        toast(`You are still signed in. ${error.message}`, { level: "critical", hint: error.hint });
        return;
      }
      location.assign("/");
    });
  }
}
