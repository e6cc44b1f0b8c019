"use strict";
/*
 * Put behind all else of a page under test: uses it as a person does and writes
 * what came of it as lines "name: value" into an element of its own.
 */
(() => {
	const lines = [];
	const say = (name, value) => lines.push(name + ": " + value);
	const root = document.getElementById("timeline");
	const canvas = root.querySelector("canvas");
	const tip = document.getElementById("tip");
	const range = root.querySelector("output");
	const box = () => canvas.getBoundingClientRect();
	const names = [...root.querySelectorAll(".larger .names li")]
		.map((li) => li.textContent);

	const at = (part) => box().left + box().width * part;
	const lane = (i) => box().top + 22 + i * 30 + 12;
	const pointer = (type, x, y, id) => canvas.dispatchEvent(
		new PointerEvent(type, { clientX: x, clientY: y, bubbles: true,
			pointerId: id || 1 }));
	/* What is shown: from, to and size, in seconds. */
	const shown = () => {
		for (const draw of drawings.splice(0))
			draw();
		const [from, to] = range.textContent.match(/[0-9.]+(?= s)/g);
		return [+from, +to, to - from];
	};
	const key = (k) => canvas.dispatchEvent(new KeyboardEvent("keydown",
		{ key: k, bubbles: true, cancelable: true }));
	const press = (value) => root.querySelector(
		'button[value="' + value + '"]').click();
	const hover = (part, i) => {
		pointer("pointermove", at(part), lane(i));
		return tip.hidden ? "" : [...tip.children].map((e) => e.textContent)
			.join("|");
	};

	try {
		say("lanes", names.join(","));
		const first = shown();
		press("in");
		say("button zooms in", shown()[2] < first[2] * 0.6);
		press("out");
		press("out");
		say("button zooms out", shown()[2] > first[2] * 1.4);
		press("all");
		const all = shown();
		say("all", all[2]);
		canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -700,
			ctrlKey: true, clientX: at(0.25), clientY: lane(0),
			bubbles: true, cancelable: true }));
		const near = shown();
		const kept = (t) => (t[0] + t[2] * 0.25);
		say("wheel zooms about the pointer", near[2] < all[2] * 0.5 &&
			Math.abs(kept(near) - kept(all)) < all[2] * 0.02);
		const scroll = new WheelEvent("wheel", { deltaY: 100,
			clientX: at(0.5), clientY: lane(0), bubbles: true,
			cancelable: true });
		document.body.focus();
		canvas.dispatchEvent(scroll);
		say("a plain wheel scrolls the page", !scroll.defaultPrevented);
		pointer("pointerdown", at(0.8), lane(0));
		pointer("pointermove", at(0.3), lane(0));
		pointer("pointerup", at(0.3), lane(0));
		const moved = shown();
		say("dragging pans", Math.abs(moved[0] - near[0] - near[2] / 2) <
			near[2] * 0.05 && Math.abs(moved[2] - near[2]) < near[2] * 0.05);
		key("ArrowLeft");
		say("keys pan", shown()[0] < moved[0]);
		key("-");
		say("keys zoom", shown()[2] > moved[2]);
		key("0");
		say("a key shows all", Math.abs(shown()[2] - all[2]) < 1e-9);

		for (let i = 0; i < names.length; i++) {
			const states = new Set();
			for (let x = 0.001; x < 1; x += 0.0007)
				states.add((hover(x, i).split("|")[1] || "")
					.replace(/ for [0-9.]+ .?s$/, ""));
			say("all of " + names[i], [...states].join(","));
		}

		/* 60 ms in the middle, where single waits can be seen. */
		const middle = all[2] / 2;
		for (let i = 0; shown()[2] > 0.07 && i < 40; i++)
			press("in");
		say("in the middle", Math.abs(shown()[0] +
			shown()[2] / 2 - middle) < 0.01);
		for (let i = 0; i < names.length; i++) {
			const states = [];
			for (let x = 0.002; x < 1; x += 0.001) {
				const word = hover(x, i).split("|")[1] || "";
				const state = word.replace(/ for [0-9.]+ .?s$/, "");
				if (state && states[states.length - 1] !== state)
					states.push(state);
			}
			say("states " + names[i], states.join(","));
			const words = new Set();
			for (let x = 0.002; x < 1; x += 0.001)
				words.add(hover(x, i).replace(/[0-9.]+ (s|ms|µs)/g, "T"));
			say("tips " + names[i], [...words].join(" ; "));
		}
		pointer("pointerleave", 0, 0);
		say("the tip goes", tip.hidden);
		shown();
		const pen = canvas.getContext("2d");
		const pixels = pen.getImageData(0, 0, canvas.width, canvas.height)
			.data;
		const colours = new Set();
		for (let i = 0; i < pixels.length; i += 4)
			if (pixels[i + 3] === 255)
				colours.add(pixels[i] << 16 | pixels[i + 1] << 8 |
					pixels[i + 2]);
		say("colours", colours.size > 3);
		say("overview", root.querySelectorAll(".overview svg path").length > 3);
		say("wider than the window",
			document.documentElement.scrollWidth > innerWidth);
		say("strangers", document.querySelectorAll(
			"body b.x, body [onload], body iframe").length);
	} catch (e) {
		say("failed", e.stack);
	}
	say("wrong", window.wrong.join(" ; "));
	const pre = document.createElement("pre");
	pre.id = "probe";
	pre.textContent = "\n" + lines.join("\n") + "\n";
	document.body.append(pre);
})();
