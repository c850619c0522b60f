import { listen } from "./desk.js";

listen(document);
