import { offer } from "./near.js";

offer(document, navigator.geolocation);
