// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_fail.h"

static int wrong(const char *text, const char *what, char *msg)
{
	char shown[128];

	text_escape(shown, sizeof(shown), text, strlen(text));
	snprintf(msg, DIFF_MSG, "--fail-if %s: %s", shown, what);
	return -EINVAL;
}

static bool is_figure(const char *name)
{
	const struct diff_figure *f;
	size_t n = diff_figures(&f);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(f[i].name, name))
			return true;
	return false;
}

/* "+20%" behind >, "-5.5%" behind <: plain digits, for strtod takes more. */
static bool read_percent(struct diff_fail *f, const char *s)
{
	size_t whole, part = 0;

	if (*s++ != (f->up ? '+' : '-'))
		return false;
	whole = strspn(s, "0123456789");
	if (s[whole] == '.')
		part = 1 + strspn(s + whole + 1, "0123456789");
	if (!whole || part == 1 || whole > 9 || strcmp(s + whole + part, "%"))
		return false;
	f->percent = strtod(s, NULL);
	return true;
}

int diff_fail_parse(struct diff_fail *f, const char *text, char msg[DIFF_MSG])
{
	const char *colon = strrchr(text, ':');
	const char *figure = colon ? colon + 1 : text;
	size_t n = strcspn(figure, "<>");

	*f = (struct diff_fail){ .text = text, .up = figure[n] == '>' };
	if (colon && (size_t)(colon - text) >= sizeof(f->name))
		return wrong(text, "the name is too long", msg);
	if (colon)
		memcpy(f->name, text, (size_t)(colon - text));
	if (!figure[n] || !read_percent(f, figure + n + 1))
		return wrong(text,
			     "write it like 'handoffs_per_s>+20%' or "
			     "'GIL*:acquired_per_s<-10%'",
			     msg);
	if (n < sizeof(f->figure))
		memcpy(f->figure, figure, n);
	if (!is_figure(f->figure))
		return wrong(text,
			     "there is no such figure: gilwatch diff --help "
			     "lists them",
			     msg);
	return 0;
}

bool diff_fail_over(const struct diff_fail *f, const struct diff_change *c)
{
	if (isnan(c->percent) || !diff_is_change(c))
		return false;
	return f->up ? c->percent > f->percent : c->percent < -f->percent;
}

static bool matches(const struct diff_fail *f, const struct diff_pair *p)
{
	char a[DIFF_LABEL], b[DIFF_LABEL];

	if (!p->a || !p->b)
		return false;
	return !*f->name || !fnmatch(f->name, diff_label(a, p->a), 0) ||
	       !fnmatch(f->name, diff_label(b, p->b), 0);
}

static void tell(const struct diff_fail *f, const struct diff_pair *p,
		 const struct diff_change *c, struct buf *out)
{
	char label[DIFF_LABEL];

	buf_printf(out, "fails %s: %s of %s ", f->text, f->figure,
		   diff_label(label, p->b));
	if (isinf(c->percent))
		buf_str(out, "was 0");
	else
		buf_printf(out, "changed by %+.1f%%", c->percent);
	if (c->testable)
		buf_printf(out, ", beyond the noise (p %.2g, n %zu/%zu)", c->p,
			   c->na, c->nb);
	buf_str(out, "\n");
}

int diff_fail_check(const struct diff *d, const struct diff_fail *f,
		    struct buf *out)
{
	const struct diff_figure *figure;
	size_t n = diff_figures(&figure);
	struct diff_change c;
	int failed = 0;

	for (size_t i = 0; i < d->pairs; i++)
		for (size_t k = 0; k < n; k++) {
			if (!matches(f, &d->pair[i]) ||
			    figure[k].table != d->pair[i].a->table ||
			    strcmp(figure[k].name, f->figure))
				continue;
			if (diff_change(d, &d->pair[i], k, &c))
				return -ENOMEM;
			if (!diff_fail_over(f, &c))
				continue;
			tell(f, &d->pair[i], &c, out);
			failed++;
		}
	return failed;
}
