// <triage-map>: the cases of a list as dots on our own base map. It owns no request data: it is given
// addresses and speaks in events, so any page can use it.
//
//   <triage-map dots="GEOJSON-ADDRESS" base="GEOJSON-ADDRESS" library="…maplibre-gl.mjs" worker="…worker.mjs"
//               label="…" data-none="said where WebGL is missing">
//
// dots: features with properties reference, kind (new|work|handoff|paused|closed), late; the collection may
// carry `note`, a sentence that is passed on in `triage-note`. A click on a dot fires `triage-pick`.
// Methods: select(reference, [lon, lat] | null), hint(reference), update(reference, {lon, lat, kind, late} | null).

const INK = "#14272b";
const LATE = "#a8231c";
const KINDS = { new: "#3d4f9e", work: "#0d5a54", handoff: "#8a4fae", paused: "#c47a12", closed: "#8d9a9a" };
const FONT = ["Atkinson Hyperlegible Next"];
const EMPTY = { type: "FeatureCollection", features: [] };

class TriageMap extends HTMLElement {
  static observedAttributes = ["dots"];

  connectedCallback() {
    this.features = new Map();
    this.ready = this.seen().then(() => this.draw()).catch((error) => this.giveUp(error));
  }

  disconnectedCallback() {
    this.watcher?.disconnect();
    this.map?.remove();
  }

  attributeChangedCallback(name, before) {
    if (before !== null) this.ready?.then(() => this.loadDots());
  }

  // Nothing is fetched for a map that nobody looks at.
  seen() {
    return new Promise((resolve) => {
      const eye = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        eye.disconnect();
        resolve();
      });
      eye.observe(this);
    });
  }

  async draw() {
    // A browser that knows no WebGL need not fetch a megabyte to be told so.
    if (!globalThis.WebGL2RenderingContext) throw new Error("This browser draws no map.");
    const library = await import(this.getAttribute("library"));
    library.setWorkerUrl(new URL(this.getAttribute("worker"), location.href).href);
    const ground = await this.fetchJson(this.getAttribute("base"));
    this.base = ground || EMPTY;
    this.map = new library.Map({
      container: this.frame(),
      style: this.style_(),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxZoom: 19,
      fadeDuration: 0,
      bounds: boundsOf(this.base.features),
      maxBounds: widened(boundsOf(this.base.features)),
      fitBoundsOptions: { padding: 12 },
      locale: {
        "Map.Title": this.getAttribute("label") || "",
        "NavigationControl.ZoomIn": this.dataset.zoomIn || "Zoom in",
        "NavigationControl.ZoomOut": this.dataset.zoomOut || "Zoom out",
      },
    });
    this.map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    this.map.touchZoomRotate.disableRotation();
    await new Promise((resolve) => this.map.once("load", resolve));
    this.listen();
    await this.loadDots();
    this.dataset.ready = "";
  }

  frame() {
    const frame = document.createElement("div");
    frame.className = "triage-map__frame";
    this.replaceChildren(frame);
    return frame;
  }

  async fetchJson(address) {
    if (!address) return null;
    const answer = await fetch(address).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }

  async loadDots() {
    if (!this.map) return;
    const found = (await this.fetchJson(this.getAttribute("dots"))) || EMPTY;
    this.features = new Map(found.features.map((feature) => [feature.properties.reference, feature]));
    this.paint();
    if (found.note) this.fire("triage-note", { note: found.note });
  }

  // --- Looks ---

  style_() {
    const language = document.documentElement.lang.slice(0, 2);
    for (const feature of this.base.features) {
      const names = feature.properties.names || {};
      feature.properties.label = names[language] || names.en || Object.values(names)[0] || "";
    }
    return {
      version: 8,
      sources: {
        base: { type: "geojson", data: this.base },
        dots: { type: "geojson", data: EMPTY },
        chosen: { type: "geojson", data: EMPTY },
        hinted: { type: "geojson", data: EMPTY },
      },
      layers: [...groundLayers(), ...dotLayers()],
    };
  }

  paint() {
    this.map?.getSource("dots")?.setData({ type: "FeatureCollection", features: [...this.features.values()] });
  }

  // --- What others ask for ---

  select(reference, place) {
    this.chosen = reference;
    this.ready.then(() => {
      if (!this.map) return;
      const at = place || this.features.get(reference)?.geometry.coordinates;
      this.mark("chosen", at);
      if (at && !this.inView(at)) this.map.easeTo({ center: at, duration: calm() ? 0 : 300 });
    });
  }

  hint(reference) {
    this.mark("hinted", this.features.get(reference)?.geometry.coordinates);
  }

  update(reference, facts) {
    if (facts?.lon) {
      this.features.set(reference, {
        type: "Feature",
        geometry: { type: "Point", coordinates: [Number(facts.lon), Number(facts.lat)] },
        properties: { reference, kind: facts.kind, late: facts.late !== undefined },
      });
    } else this.features.delete(reference);
    cancelAnimationFrame(this.painting);
    this.painting = requestAnimationFrame(() => this.paint());
  }

  mark(source, at) {
    const features = at ? [{ type: "Feature", geometry: { type: "Point", coordinates: at }, properties: {} }] : [];
    this.map?.getSource(source)?.setData({ type: "FeatureCollection", features });
  }

  inView(at) {
    const frame = this.map.getContainer().getBoundingClientRect();
    const point = this.map.project(at);
    return point.x > 24 && point.y > 24 && point.x < frame.width - 24 && point.y < frame.height - 24;
  }

  // --- What it hears ---

  listen() {
    const layers = ["dots"];
    this.map.on("click", (event) => {
      const reach = [
        [event.point.x - 6, event.point.y - 6],
        [event.point.x + 6, event.point.y + 6],
      ];
      const hit = this.map.queryRenderedFeatures(reach, { layers })[0];
      if (hit) this.fire("triage-pick", { reference: hit.properties.reference });
    });
    this.map.on("mousemove", "dots", () => (this.map.getCanvas().style.cursor = "pointer"));
    this.map.on("mouseleave", "dots", () => (this.map.getCanvas().style.cursor = ""));
    this.watcher = new ResizeObserver(() => this.map.resize());
    this.watcher.observe(this);
  }

  fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }

  giveUp() {
    this.map = null;
    const said = document.createElement("p");
    said.className = "triage-map__none";
    said.textContent = this.dataset.none || "";
    this.replaceChildren(said);
  }
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

const of = (...kinds) => ["in", ["get", "kind"], ["literal", kinds]];
const AREAS_PROPER = ["==", ["slice", ["get", "kind"], 0, 5], "area_"];
const AREAS = ["any", of("boundary"), AREAS_PROPER];
const STREETS = of("street", "road", "highway", "bridge");

const WATER = of("lake", "river", "creek", "pond", "water");
const IS_SURFACE = ["in", ["geometry-type"], ["literal", ["Polygon", "MultiPolygon"]]];

function groundLayers() {
  const width = (near, far) => ["interpolate", ["exponential", 1.6], ["zoom"], 11, far, 17, near];
  return [
    { id: "paper", type: "background", paint: { "background-color": "#f3efe5" } },
    ground("parks", "fill", of("park"), { "fill-color": "#d9e8cf" }),
    ground("water", "fill", ["all", WATER, IS_SURFACE], { "fill-color": "#bcd7e6" }),
    ground("islands", "fill", ["all", of("island"), IS_SURFACE], { "fill-color": "#f3efe5" }),
    ground("streams", "line", ["all", WATER, ["!", IS_SURFACE]], { "line-color": "#bcd7e6", "line-width": width(14, 2) }),
    ground("areas", "line", AREAS, { "line-color": "#9b8f78", "line-width": 1, "line-dasharray": [4, 3] }),
    ground("street-edges", "line", STREETS, { "line-color": "#cfc5b0", "line-width": width(16, 1.8) }, { "line-cap": "round" }),
    ground("streets", "line", STREETS, { "line-color": "#ffffff", "line-width": width(13, 0.9) }, { "line-cap": "round" }),
    ground("rail", "line", of("rail"), { "line-color": "#8a8578", "line-width": 1.4, "line-dasharray": [3, 2] }),
    label("street-names", STREETS, { "symbol-placement": "line", "text-size": 12 }, 13.5),
    label("spot-names", of("park", "landmark", "pond", "creek", "island"), { "text-size": 11.5, "text-max-width": 8, "symbol-sort-key": ["get", "rank"] }, 13),
    label("area-names", ["any", AREAS_PROPER, of("lake", "river")], { "text-size": 12.5, "text-max-width": 8 }, 10),
  ];
}

function ground(id, type, filter, paint, layout = {}) {
  return { id, type, source: "base", filter, paint, layout };
}

function label(id, filter, layout, minzoom) {
  return {
    id,
    type: "symbol",
    source: "base",
    filter,
    minzoom,
    layout: { "text-field": ["get", "label"], "text-font": FONT, "text-padding": 6, ...layout },
    paint: { "text-color": "#5b5546", "text-halo-color": "#fbf8f2", "text-halo-width": 1.4 },
  };
}

function dotLayers() {
  const late = ["boolean", ["get", "late"], false];
  const size = (small, large) => ["interpolate", ["linear"], ["zoom"], 11, small, 16, large];
  return [
    {
      id: "dots",
      type: "circle",
      source: "dots",
      layout: { "circle-sort-key": ["case", late, 1, 0] },
      paint: {
        "circle-color": ["match", ["get", "kind"], ...Object.entries(KINDS).flat(), INK],
        "circle-radius": size(3.6, 9),
        "circle-stroke-color": ["case", late, LATE, "#ffffff"],
        "circle-stroke-width": ["case", late, 2.4, 1],
      },
    },
    ring("hinted", INK, 2, size(8, 14)),
    ring("chosen", "#ffc043", 5, size(9, 15)),
    ring("chosen-edge", INK, 2, size(12, 18), "chosen"),
  ];
}

function ring(id, color, width, radius, source = id) {
  return {
    id,
    type: "circle",
    source,
    paint: { "circle-radius": radius, "circle-opacity": 0, "circle-stroke-color": color, "circle-stroke-width": width },
  };
}

function boundsOf(features) {
  const box = [180, 90, -180, -90];
  const grow = (part) => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]);
      box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]);
      box[3] = Math.max(box[3], part[1]);
    } else part.forEach(grow);
  };
  const edge = features.filter((feature) => feature.properties.kind === "boundary");
  for (const feature of edge.length ? edge : features) grow(feature.geometry.coordinates || []);
  return box[0] > box[2] ? undefined : box;
}

// The view stays around the city: half as much again on each side.
function widened(box) {
  if (!box) return undefined;
  const [wide, high] = [box[2] - box[0], box[3] - box[1]];
  return [box[0] - wide, box[1] - high, box[2] + wide, box[3] + high];
}

customElements.define("triage-map", TriageMap);
