"use strict";
/* Zoom, pan and hover over the lanes. Everything shown here is in the page
   without it too: the overview above and the tables below. */
(() => {
	const source = document.getElementById("lanes");
	if (!source)
		return;
	const data = JSON.parse(source.textContent);
	const MIX = 7, STATES = 7, LANE = 24, GAP = 6, AXIS = 22;
	/* How high a state's bar is, so that colour is not all that tells. */
	const HEIGHT = [1, 0.8, 0.4, 0.6, 0.6, 0.14, 0.5];
	/* From below in a mix of states. */
	const STACK = [0, 1, 4, 6, 3, 2, 5];
	const NAMES = ["--holds", "--runs", "--waits", "--runnable",
		"--runnable-holds", "--sleeps", "--sleeps-holds"];

	const decode = (text) => {
		const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
		const lane = { start: [0], state: [], lock: [], other: [],
			result: [], tiles: [], share: [] };
		let at = 0, time = 0;
		const number = () => {
			let v = 0, scale = 1, byte;
			do {
				byte = bytes[at++];
				v += (byte & 127) * scale;
				scale *= 128;
			} while (byte & 128);
			return v;
		};
		while (at < bytes.length) {
			const head = bytes[at++], state = head & 7;
			time += number();
			lane.start.push(time);
			lane.state.push(state);
			lane.tiles.push(state === MIX ? number() : 1);
			lane.share.push(state === MIX ?
				bytes.subarray(at, at += STATES) : null);
			lane.lock.push(head & 8 ? number() : -1);
			lane.other.push(head & 16 ? number() : -1);
			lane.result.push(head & 32 ? number() : -1);
		}
		return lane;
	};

	const lanes = data.lanes.map((l) => Object.assign(decode(l.pieces), l));
	const whole = data.units;
	const row = new Map(lanes.map((l, i) => [l.thread, i]));
	const root = document.getElementById("timeline");
	const canvas = root.querySelector("canvas");
	const tip = document.getElementById("tip");
	const range = root.querySelector("output");
	const overview = root.querySelector(".overview svg");
	const brush = overview.querySelector(".brush");
	const pen = canvas.getContext("2d");
	let from = 0, to = whole, width = 1, hover = null, asked = false;

	/* ---- words ---- */

	const seconds = (units) => {
		const us = units * data.unit / 1000;
		for (const [unit, scale] of [["s", 1e6], ["ms", 1e3], ["µs", 1]])
			if (us >= scale || scale === 1)
				return +(us / scale).toPrecision(3) + " " + unit;
	};
	const clock = (units, step) => {
		const s = units * data.unit / 1e9;
		const digits = Math.max(0, Math.min(6,
			Math.ceil(-Math.log10(step * data.unit / 1e9))));
		return s.toFixed(digits) + " s";
	};
	const person = (thread) => data.threads[thread] || "another thread";

	const words = (lane, i) => {
		const length = lane.start[i + 1] - lane.start[i];
		const lines = [lane.name];
		const state = lane.state[i];
		if (state === MIX) {
			const parts = [...lane.share[i]].map((v, s) => [v, s])
				.filter((p) => p[0] > 2).sort((a, b) => b[0] - a[0]);
			if (!parts.length)
				return null;
			lines.push(lane.tiles[i] ? lane.tiles[i] + " states in " +
				seconds(length) : "an interval of " + seconds(length));
			for (const [v, s] of parts)
				lines.push(data.states[s] + " " +
					Math.round(v / 2.55) + "%");
		} else {
			const lock = data.locks[lane.lock[i]];
			lines.push((lock ? data.with[state].replace("%", lock) :
				data.states[state]) + " for " + seconds(length));
			const result = data.results[lane.result[i]];
			const other = lane.other[i];
			if (result === "acquired")
				lines.push("then has it" + (other >= 0 ?
					", from " + person(other) : ""));
			else if (result && result !== "open")
				lines.push("in vain: " + result + (other >= 0 ?
					", " + person(other) + " had it" : ""));
		}
		lines.push("at " + clock(lane.start[i], Math.max(1, length / 10)));
		return lines;
	};

	/* ---- drawing ---- */

	const x = (units) => (units - from) / (to - from) * width;
	const find = (lane, units) => {
		let low = 0, high = lane.state.length;
		while (low < high) {
			const mid = (low + high) >> 1;
			if (lane.start[mid + 1] <= units)
				low = mid + 1;
			else
				high = mid;
		}
		return low;
	};
	const top = (i) => AXIS + i * (LANE + GAP);

	const colours = () => {
		const style = getComputedStyle(document.documentElement);
		return NAMES.map((n) => style.getPropertyValue(n).trim())
			.concat(style.getPropertyValue("--ink").trim(),
				style.getPropertyValue("--soft").trim(),
				style.getPropertyValue("--line").trim());
	};

	/* What is narrower than two pixels is added up by the pixel. */
	const drawLane = (lane, y, colour, arrows) => {
		const sums = new Float32Array(Math.ceil(width) * STATES);
		const scale = width / (to - from);
		const add = (a, b, state, share) => {
			for (let p = Math.floor(a); p < b && p < width; p++)
				if (p >= 0)
					sums[p * STATES + state] += share *
						(Math.min(b, p + 1) - Math.max(a, p));
		};
		for (let i = find(lane, from);
		     i < lane.state.length && lane.start[i] < to; i++) {
			const a = x(lane.start[i]), b = x(lane.start[i + 1]);
			const state = lane.state[i];
			if (state === MIX) {
				lane.share[i].forEach((v, s) => v &&
					add(a, b, s, v / 255));
			} else if (b - a < 2) {
				add(a, b, state, 1);
			} else {
				const left = Math.max(a, -1);
				const high = LANE * HEIGHT[state];
				pen.fillStyle = colour[state];
				pen.fillRect(left, y + LANE - high,
					Math.min(b, width + 1) - left - 0.4, high);
			}
			if (arrows && lane.result[i] >= 0 && row.has(lane.other[i]) &&
			    data.results[lane.result[i]] === "acquired")
				arrows.push([b, row.get(lane.other[i]), y]);
		}
		for (let p = 0; p < width; p++) {
			let bottom = y + LANE;
			for (const s of STACK) {
				const high = Math.min(1, sums[p * STATES + s]) * LANE;
				if (high > 0.05) {
					pen.fillStyle = colour[s];
					pen.fillRect(p, bottom - high, 1.02, high);
				}
				bottom -= high;
			}
		}
		return scale;
	};

	const drawAxis = (colour) => {
		const rough = (to - from) / Math.max(2, width / 110);
		const ten = 10 ** Math.floor(Math.log10(rough));
		const step = ten * [1, 2, 5, 10].find((m) => ten * m >= rough);
		pen.fillStyle = colour[8];
		pen.strokeStyle = colour[9];
		pen.lineWidth = 1;
		for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
			const at = Math.round(x(t)) + 0.5;
			pen.beginPath();
			pen.moveTo(at, AXIS - 4);
			pen.lineTo(at, top(lanes.length));
			pen.stroke();
			pen.fillText(clock(t, step), at + 3, 11);
		}
	};

	const drawArrows = (arrows, colour) => {
		pen.strokeStyle = pen.fillStyle = colour[7];
		for (const [at, other, y] of arrows) {
			const start = top(other) + LANE / 2, end = y + LANE / 2;
			const way = Math.sign(end - start);
			pen.beginPath();
			pen.moveTo(at, start);
			pen.lineTo(at, end);
			pen.stroke();
			pen.beginPath();
			pen.moveTo(at, end);
			pen.lineTo(at - 3.5, end - 6 * way);
			pen.lineTo(at + 3.5, end - 6 * way);
			pen.fill();
		}
	};

	const draw = () => {
		asked = false;
		const ratio = window.devicePixelRatio || 1;
		const high = top(lanes.length) + 2;
		width = canvas.clientWidth || 600;
		canvas.width = Math.round(width * ratio);
		canvas.height = Math.round(high * ratio);
		canvas.style.height = high + "px";
		pen.setTransform(ratio, 0, 0, ratio, 0, 0);
		pen.clearRect(0, 0, width, high);
		pen.font = "11px system-ui, sans-serif";
		const colour = colours();
		drawAxis(colour);
		const shown = lanes.reduce((n, l) => n + find(l, to) - find(l, from), 0);
		const arrows = shown < width ? [] : null;
		lanes.forEach((lane, i) => drawLane(lane, top(i), colour, arrows));
		if (arrows)
			drawArrows(arrows, colour);
		if (hover) {
			const a = Math.max(0, x(hover.lane.start[hover.i]));
			const b = Math.min(width, x(hover.lane.start[hover.i + 1]));
			pen.strokeStyle = colour[7];
			pen.lineWidth = 1.5;
			pen.strokeRect(a, top(hover.row) - 1, Math.max(1, b - a), LANE + 2);
		}
		range.textContent = clock(from, (to - from) / 100) + " to " +
			clock(to, (to - from) / 100) + " (" + seconds(to - from) + ")";
		brush.setAttribute("x", from / whole * 1000);
		brush.setAttribute("width", (to - from) / whole * 1000);
	};
	const ask = () => {
		if (asked)
			return;
		asked = true;
		requestAnimationFrame(draw);
	};

	/* ---- moving ---- */

	const show = (a, b) => {
		const least = 20, size = Math.min(whole, Math.max(least, b - a));
		from = Math.max(0, Math.min(whole - size, (a + b - size) / 2));
		to = from + size;
		ask();
	};
	const zoom = (factor, at) => {
		const middle = at === undefined ? (from + to) / 2 :
			from + (to - from) * at / width;
		show(middle - (middle - from) * factor,
			middle + (to - middle) * factor);
	};
	const pan = (part) => {
		const by = Math.max(-from, Math.min(whole - to, (to - from) * part));
		show(from + by, to + by);
	};

	const fingers = new Map();
	const place = (e) => e.clientX - canvas.getBoundingClientRect().left;
	const tell = (e) => {
		const box = canvas.getBoundingClientRect();
		const at = Math.floor((e.clientY - box.top - AXIS) / (LANE + GAP));
		const lane = lanes[at];
		const i = lane ? find(lane, from + (to - from) * place(e) / width) : 0;
		const text = lane && i < lane.state.length ? words(lane, i) : null;
		hover = text ? { lane, i, row: at } : null;
		tip.hidden = !text;
		if (text) {
			const b = document.createElement("b");
			b.textContent = text[0];
			tip.replaceChildren(b);
			for (const line of text.slice(1)) {
				const div = document.createElement("div");
				div.textContent = line;
				tip.append(div);
			}
			tip.style.left = Math.max(4, Math.min(e.clientX + 14,
				innerWidth - tip.offsetWidth - 8)) + "px";
			tip.style.top = (e.clientY + 18 + tip.offsetHeight < innerHeight ?
				e.clientY + 16 : e.clientY - tip.offsetHeight - 10) + "px";
		}
		ask();
	};
	canvas.addEventListener("pointerdown", (e) => {
		fingers.set(e.pointerId, place(e));
		try {
			canvas.setPointerCapture(e.pointerId);
		} catch {
			/* The pointer has gone already. */
		}
	});
	canvas.addEventListener("pointermove", (e) => {
		const before = fingers.get(e.pointerId), now = place(e);
		if (before !== undefined && fingers.size === 2) {
			const other = [...fingers].find((f) => f[0] !== e.pointerId)[1];
			const ratio = Math.abs(before - other) /
				Math.max(1, Math.abs(now - other));
			zoom(Math.min(2, Math.max(0.5, ratio)), other);
		} else if (before !== undefined) {
			pan((before - now) / width);
		}
		if (before !== undefined)
			fingers.set(e.pointerId, now);
		tell(e);
	});
	const lift = (e) => fingers.delete(e.pointerId);
	canvas.addEventListener("pointerup", lift);
	canvas.addEventListener("pointercancel", lift);
	canvas.addEventListener("pointerleave", () => {
		hover = null;
		tip.hidden = true;
		ask();
	});
	canvas.addEventListener("wheel", (e) => {
		if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
			pan(e.deltaX / width);
		} else if (e.ctrlKey || e.metaKey || document.activeElement === canvas) {
			zoom(1.0015 ** e.deltaY, place(e));
		} else {
			return;
		}
		e.preventDefault();
	}, { passive: false });
	canvas.addEventListener("dblclick", (e) => zoom(0.4, place(e)));
	canvas.addEventListener("keydown", (e) => {
		const act = { ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2),
			"+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
			0: () => show(0, whole), Home: () => show(0, to - from),
			End: () => show(whole - (to - from), whole) }[e.key];
		if (!act || e.ctrlKey || e.metaKey || e.altKey)
			return;
		act();
		e.preventDefault();
	});
	for (const button of root.querySelectorAll(".tools button"))
		button.addEventListener("click", () => {
			({ in: () => zoom(0.5), out: () => zoom(2),
				left: () => pan(-0.5), right: () => pan(0.5),
				all: () => show(0, whole) })[button.value]();
		});

	/* A piece of the overview is chosen by dragging over it. */
	let anchor = null;
	const chosen = (e) => {
		const box = overview.getBoundingClientRect();
		return Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)) *
			whole;
	};
	overview.addEventListener("pointerdown", (e) => {
		anchor = chosen(e);
	});
	addEventListener("pointermove", (e) => {
		const at = chosen(e);
		if (anchor !== null && Math.abs(at - anchor) > whole / 500)
			show(Math.min(anchor, at), Math.max(anchor, at));
	});
	addEventListener("pointerup", (e) => {
		if (anchor !== null && Math.abs(chosen(e) - anchor) <= whole / 500)
			show(anchor - (to - from) / 2, anchor + (to - from) / 2);
		anchor = null;
	});

	root.classList.add("script");
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ask);
	addEventListener("resize", ask);
	/* The first look is at a piece in which single waits can be seen. */
	const first = data.intervals ? whole : Math.min(whole,
		Math.max(whole / 50, 5e7 / data.unit));
	show(whole / 2 - first / 2, whole / 2 + first / 2);
	draw();
})();
