"use strict";
/* Put before all else of a page under test: keeps what goes wrong, and what the
   page wants to draw, because a browser that only dumps a page shows no frames. */
window.drawings = [];
window.requestAnimationFrame = (draw) => drawings.push(draw);
window.wrong = [];
addEventListener("error", (e) => wrong.push(e.message || "error"));
addEventListener("unhandledrejection", (e) => wrong.push("" + e.reason));
addEventListener("securitypolicyviolation", (e) => wrong.push("" + e.violatedDirective));
for (const name of ["error", "warn"]) {
	const old = console[name];
	console[name] = (...args) => {
		wrong.push(args.join(" "));
		old.apply(console, args);
	};
}
