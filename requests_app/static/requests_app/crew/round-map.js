// <round-map>: the stops of the list beside it, by number and in order. What it shows it reads from the list.

import { PinMap } from "../pin-map.js";

class RoundMap extends PinMap {
  connectedCallback() {
    super.connectedCallback();
    this.ready?.then(() => this.showStops());
  }

  showStops() {
    const stops = Array.from(document.querySelectorAll("#crew-stops > .stop"));
    const at = stops.map((stop) => L.latLng(Number(stop.dataset.lat), Number(stop.dataset.lon)));
    const { startLat, startLon } = this.dataset;
    const start = startLat ? [L.latLng(Number(startLat), Number(startLon))] : [];
    L.polyline([...start, ...at], { color: "#14272b", weight: 3, opacity: 0.75, dashArray: "2 7", interactive: false }).addTo(this.map);
    for (const point of start) L.circleMarker(point, { radius: 8, weight: 3, color: "#14272b", fillColor: "#ffffff", fillOpacity: 1, interactive: false }).addTo(this.map);
    // The first stop is drawn last, so that it lies on top.
    stops.map((stop, index) => [stop, at[index]]).reverse().forEach(([stop, point]) => this.numbered(stop, point));
    if (at.length) this.map.fitBounds(L.latLngBounds([...start, ...at]).pad(0.12), { maxZoom: 16, animate: false });
    this.dataset.stops = String(stops.length);
  }

  numbered(stop, point) {
    const words = document.createElement("span");
    words.textContent = stop.dataset.number;
    const icon = L.divIcon({ className: `stop-pin${"hazard" in stop.dataset ? " stop-pin--hazard" : ""}`, html: words, iconSize: [34, 34] });
    const marker = L.marker(point, { icon, keyboard: false }).addTo(this.map);
    marker.on("click", () => {
      const fold = stop.querySelector("details");
      fold.open = true;
      fold.querySelector("summary").focus({ preventScroll: true });
      stop.scrollIntoView({ block: "start" });
    });
  }
}

customElements.define("round-map", RoundMap);
