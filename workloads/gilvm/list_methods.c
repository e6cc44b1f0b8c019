// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Methods of list. */
#include "lists.h"

#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "errors.h"
#include "values.h"

struct obj *list_take(struct listobj *l, int64_t i)
{
	int64_t n;
	struct listblock *b = list_view(&l->base, &n);
	struct obj *v;

	if (i >= n)
		return none_ref();
	v = b->v[i];
	memmove(&b->v[i], &b->v[i + 1],
		(size_t)(n - i - 1) * sizeof(struct obj *));
	b->v[n - 1] = NULL;
	l->size = n - 1;
	return v ? v : none_ref();
}

static struct obj *m_append(struct obj *self, struct obj **a)
{
	return list_append(self, a[0]) ? NULL : none_ref();
}

static struct obj *m_extend(struct obj *self, struct obj **a)
{
	return list_extend(self, a[0]) ? NULL : none_ref();
}

static struct obj *m_pop(struct obj *self, struct obj **a)
{
	struct obj *last;
	int64_t i;
	int err;

	if (!list_size(self))
		return err_set(&exc_IndexError, "pop from empty list");
	last = int_new(-1);
	err = seq_index(self, a[0] ? a[0] : last, "pop index", &i);
	decref(last);
	return err ? NULL : list_take(as_list(self), i);
}

static struct obj *m_insert(struct obj *self, struct obj **a)
{
	struct listobj *l = as_list(self);
	int64_t n = list_size(self);
	struct listblock *b;
	int64_t i;

	if (to_int(a[0], &i))
		return NULL;
	b = list_room(l, n);
	if (!b)
		return NULL;
	if (i < 0)
		i = i + n < 0 ? 0 : i + n;
	if (i > n)
		i = n;
	memmove(&b->v[i + 1], &b->v[i], (size_t)(n - i) * sizeof(struct obj *));
	b->v[i] = newref(a[1]);
	l->size = n + 1;
	return none_ref();
}

/* Index of the first item equal to v, -1 if none, -2 on error. */
static int64_t find(struct obj *self, struct obj *v)
{
	for (int64_t i = 0; i < list_size(self); i++) {
		struct obj *item = list_item(self, i);
		int eq = item == v ? 1 : obj_compare(CMP_EQ, item, v);

		decref(item);
		if (eq)
			return eq < 0 ? -2 : i;
	}
	return -1;
}

static struct obj *m_remove(struct obj *self, struct obj **a)
{
	int64_t i = find(self, a[0]);

	if (i == -1)
		return err_set(&exc_ValueError,
			       "list.remove(x): x not in list");
	if (i < 0)
		return NULL;
	decref(list_take(as_list(self), i));
	return none_ref();
}

static struct obj *m_index(struct obj *self, struct obj **a)
{
	int64_t i = find(self, a[0]);

	if (i == -1)
		return err_set(&exc_ValueError, "value is not in list");
	return i < 0 ? NULL : int_new(i);
}

static struct obj *m_count(struct obj *self, struct obj **a)
{
	int64_t n = 0;

	for (int64_t i = 0; i < list_size(self); i++) {
		struct obj *item = list_item(self, i);
		int eq = obj_compare(CMP_EQ, item, a[0]);

		decref(item);
		if (eq < 0)
			return NULL;
		n += eq;
	}
	return int_new(n);
}

static struct obj *m_clear(struct obj *self, struct obj **a)
{
	struct listobj *l = as_list(self);

	(void)a;
	while (list_size(self) > 0)
		decref(list_take(l, list_size(self) - 1));
	return none_ref();
}

static struct obj *m_copy(struct obj *self, struct obj **a)
{
	int64_t n;
	struct listblock *b = list_view(self, &n);

	(void)a;
	return list_new(b->v, n);
}

static struct obj *m_reverse(struct obj *self, struct obj **a)
{
	int64_t n;
	struct listblock *b = list_view(self, &n);

	(void)a;
	for (int64_t i = 0, j = n - 1; i < j; i++, j--) {
		struct obj *t = b->v[i];

		b->v[i] = b->v[j];
		b->v[j] = t;
	}
	return none_ref();
}

static int merge(struct obj **v, struct obj **tmp, int64_t half, int64_t n,
		 bool reverse)
{
	int64_t i = 0, j = half, k = 0;
	int less;

	while (i < half && j < n) {
		less = reverse ? obj_compare(CMP_LT, v[i], v[j])
			       : obj_compare(CMP_LT, v[j], v[i]);
		if (less < 0)
			return -1;
		tmp[k++] = less ? v[j++] : v[i++];
	}
	while (i < half)
		tmp[k++] = v[i++];
	while (j < n)
		tmp[k++] = v[j++];
	memcpy(v, tmp, (size_t)n * sizeof(*v));
	return 0;
}

static int sort_part(struct obj **v, struct obj **tmp, int64_t n, bool reverse)
{
	int64_t half = n / 2;

	if (n < 2)
		return 0;
	if (sort_part(v, tmp, half, reverse) ||
	    sort_part(v + half, tmp, n - half, reverse))
		return -1;
	return merge(v, tmp, half, n, reverse);
}

int sort_objs(struct obj **v, int64_t n, bool reverse)
{
	struct obj **tmp = xcalloc((size_t)n, sizeof(*tmp));
	int err = sort_part(v, tmp, n, reverse);

	free(tmp);
	return err;
}

static struct obj *m_sort(struct obj *self, struct obj **a)
{
	int64_t n;
	struct listblock *b = list_view(self, &n);
	struct obj *copy;
	int err;

	if (a[0] && a[0] != &none_obj)
		return err_set(&exc_TypeError,
			       "sort() with a key is not supported");
	/* A comparison may run code that changes the list: sort a copy. */
	copy = list_new(b->v, n);
	if (!copy)
		return NULL;
	err = sort_objs(as_list(copy)->b->v, n, a[1] && obj_truth(a[1]));
	if (!err && as_list(self)->b == b) {
		as_list(self)->b = as_list(copy)->b;
		as_list(copy)->b = b;
	}
	decref(copy);
	return err ? NULL : none_ref();
}

struct native list_methods[] = {
	NATIVE("append", m_append, 1, 1, ""),
	NATIVE("extend", m_extend, 1, 1, ""),
	NATIVE("pop", m_pop, 0, 1, ""),
	NATIVE("insert", m_insert, 2, 2, ""),
	NATIVE("remove", m_remove, 1, 1, ""),
	NATIVE("index", m_index, 1, 1, ""),
	NATIVE("count", m_count, 1, 1, ""),
	NATIVE("clear", m_clear, 0, 0, ""),
	NATIVE("copy", m_copy, 0, 0, ""),
	NATIVE("reverse", m_reverse, 0, 0, ""),
	NATIVE("sort", m_sort, 0, 2, "key reverse"),
	NATIVE_END,
};
