// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The format specs of f-strings: [[fill]align][sign][#][0][width][,][.n][t] */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "values.h"

#define MAX_WIDTH 100000

struct spec {
	char fill[5]; /* one UTF-8 character */
	char align;   /* < > ^ = or 0 */
	char sign;    /* + - space or 0 */
	bool alt;
	int width;
	char group; /* , or _ or 0 */
	int prec;   /* -1: none */
	char type;  /* 0: none */
};

static int bad_spec(const char *s, const struct obj *o)
{
	err_set(&exc_ValueError,
		"Invalid format specifier '%.100s' for object of type '%s'", s,
		o->type->name);
	return -1;
}

static int read_number(const char **s, int *out)
{
	int64_t v = 0;

	while (**s >= '0' && **s <= '9') {
		v = v * 10 + (**s - '0');
		if (v > MAX_WIDTH) {
			err_set(&exc_ValueError,
				"Too many decimal digits in format string");
			return -1;
		}
		(*s)++;
	}
	*out = (int)v;
	return 0;
}

static size_t char_len(const char *s)
{
	size_t n = 1;

	while (*s && n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool is_align(char c)
{
	return c && strchr("<>^=", c);
}

static const char *read_align(const char *s, struct spec *f)
{
	size_t n = char_len(s);

	strcpy(f->fill, " ");
	if (*s && strlen(s) > n && is_align(s[n])) {
		memcpy(f->fill, s, n);
		f->fill[n] = '\0';
		f->align = s[n];
		return s + n + 1;
	}
	if (is_align(*s))
		f->align = *s++;
	return s;
}

static int parse_spec(const char *text, const struct obj *o, struct spec *f)
{
	const char *s;

	memset(f, 0, sizeof(*f));
	f->prec = -1;
	s = read_align(text, f);
	if (*s && strchr("+- ", *s))
		f->sign = *s++;
	if (*s == '#') {
		f->alt = true;
		s++;
	}
	if (*s == '0') {
		if (!f->align) {
			f->align = '=';
			strcpy(f->fill, "0");
		}
		s++;
	}
	if (read_number(&s, &f->width))
		return -1;
	if (*s == ',' || *s == '_')
		f->group = *s++;
	if (*s == '.') {
		s++;
		if (*s < '0' || *s > '9')
			return bad_spec(text, o);
		if (read_number(&s, &f->prec))
			return -1;
	}
	if (*s)
		f->type = *s++;
	return *s ? bad_spec(text, o) : 0;
}

static void add_fill(struct textbuf *b, const struct spec *f, int64_t n)
{
	while (n-- > 0)
		buf_puts(b, f->fill);
}

/* sign: "-", "0x" and the like, before which `=` puts no filling. */
static struct obj *pad(const struct spec *f, const char *sign, const char *body,
		       int64_t chars, char align)
{
	int64_t left = f->width - chars - (int64_t)strlen(sign);
	struct textbuf b = { 0 };

	if (f->align)
		align = f->align;
	if (align == '>')
		add_fill(&b, f, left);
	if (align == '^')
		add_fill(&b, f, left / 2);
	buf_puts(&b, sign);
	if (align == '=')
		add_fill(&b, f, left);
	buf_puts(&b, body);
	if (align == '<')
		add_fill(&b, f, left);
	if (align == '^')
		add_fill(&b, f, left - left / 2);
	return buf_str(&b);
}

/* Put a separator after every third digit before the point. */
static char *group_digits(const char *s, char group)
{
	size_t digits = strspn(s, "0123456789");
	char *out = xcalloc(strlen(s) + digits / 3 + 1, 1);
	char *p = out;

	for (size_t i = 0; i < digits; i++) {
		if (i && (digits - i) % 3 == 0)
			*p++ = group;
		/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
		*p++ = s[i];
	}
	strcpy(p, s + digits);
	return out;
}

static struct obj *pad_number(const struct spec *f, bool negative,
			      const char *prefix, const char *digits)
{
	char sign[8];
	char *grouped = f->group ? group_digits(digits, f->group) : NULL;
	const char *body = grouped ? grouped : digits;
	struct obj *r;

	snprintf(sign, sizeof(sign), "%s%s",
		 negative                    ? "-"
		 : f->sign && f->sign != '-' ? (f->sign == '+' ? "+" : " ")
					     : "",
		 prefix);
	r = pad(f, sign, body, (int64_t)strlen(body), '>');
	free(grouped);
	return r;
}

static void to_base(uint64_t v, unsigned int base, bool upper, char *out)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[72];
	int n = 0;

	do {
		tmp[n++] = set[v % base];
		v /= base;
	} while (v);
	while (n > 0)
		*out++ = tmp[--n];
	*out = '\0';
}

static struct obj *bad_type(const struct spec *f, const struct obj *o)
{
	return err_set(&exc_ValueError,
		       "Unknown format code '%c' for object of type '%s'",
		       f->type, o->type->name);
}

static struct obj *format_int(const struct obj *o, const struct spec *f)
{
	int64_t v = int_value(o);
	uint64_t mag = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	const char *prefix = "";
	char digits[80];

	if (f->prec >= 0)
		return err_set(&exc_ValueError,
			       "Precision not allowed in integer format "
			       "specifier");
	switch (f->type) {
	case 0:
	case 'd':
	case 'n':
		to_base(mag, 10, false, digits);
		break;
	case 'x':
	case 'X':
		to_base(mag, 16, f->type == 'X', digits);
		prefix = f->alt ? (f->type == 'x' ? "0x" : "0X") : "";
		break;
	case 'o':
		to_base(mag, 8, false, digits);
		prefix = f->alt ? "0o" : "";
		break;
	case 'b':
		to_base(mag, 2, false, digits);
		prefix = f->alt ? "0b" : "";
		break;
	default:
		return bad_type(f, o);
	}
	return pad_number(f, v < 0, prefix, digits);
}

static void plain_float(double v, const struct spec *f, char *buf, size_t size)
{
	if (f->prec < 0) {
		float_text(v, buf, size);
		return;
	}
	snprintf(buf, size, "%.*g", f->prec ? f->prec : 1, v);
	if (!strpbrk(buf, ".en") && strlen(buf) + 2 < size)
		strcat(buf, ".0");
}

static struct obj *format_float(const struct obj *o, double v,
				const struct spec *f)
{
	bool negative = signbit(v) && !isnan(v);
	int prec = f->prec < 0 ? 6 : f->prec;
	size_t size = (size_t)prec + 400;
	char *buf = xcalloc(size, 1);
	char fmt[] = "%.*f";
	struct obj *r;

	v = fabs(v);
	if (f->type && !strchr("feEgGF%", f->type)) {
		free(buf);
		return bad_type(f, o);
	}
	if (!f->type) {
		plain_float(v, f, buf, size);
	} else {
		fmt[3] = f->type == '%' ? 'f' : f->type;
		if (strchr("gG", f->type) && !prec)
			prec = 1;
		snprintf(buf, size, fmt, prec, f->type == '%' ? v * 100 : v);
		if (f->type == '%')
			strcat(buf, "%");
	}
	r = pad_number(f, negative, "", buf);
	free(buf);
	return r;
}

/* The first n characters of a str: their length in bytes. */
static int64_t first_chars(const struct obj *s, int64_t n)
{
	const char *p = str_data(s);
	int64_t i = 0;

	while (i < as_str(s)->len && n > 0) {
		i++;
		while (((unsigned char)p[i] & 0xc0) == 0x80)
			i++;
		n--;
	}
	return i;
}

static struct obj *format_str(struct obj *o, const struct spec *f)
{
	struct obj *cut;
	struct obj *r;

	if ((f->type && f->type != 's') || f->sign || f->group ||
	    f->align == '=')
		return bad_type(f, o);
	cut = f->prec >= 0 ? str_new(str_data(o), first_chars(o, f->prec))
			   : newref(o);
	r = pad(f, "", str_data(cut), str_chars(cut), '<');
	decref(cut);
	return r;
}

struct obj *obj_format(struct obj *o, const char *spec, int64_t len)
{
	struct spec f;

	if (!len)
		return obj_str(o);
	if (!is_str(o) && !is_intlike(o) && !is_float(o))
		return err_set(&exc_TypeError,
			       "unsupported format string passed to "
			       "%s.__format__",
			       o->type->name);
	if (parse_spec(spec, o, &f))
		return NULL;
	if (is_str(o))
		return format_str(o, &f);
	if (is_float(o))
		return format_float(o, float_value(o), &f);
	if (f.type && strchr("feEgGF%", f.type))
		return format_float(o, (double)int_value(o), &f);
	return format_int(o, &f);
}
