import { openFromFragment } from "./receipt.js";

openFromFragment(document, location, history);
