import { listen } from "./desk.js";
import { follow } from "./desk_live.js";

listen(document);
void follow(document);
