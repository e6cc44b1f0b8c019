// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A launched command: its status, and the user that it runs as. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csvtable.h"
#include "live.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- status -------------------------------------------------------------- */

struct ending {
	const char *command[4];
	int status;
	const char *said; /* on stderr, besides what gilwatch watches */
};

static const struct ending endings[] = {
	{ { "true" }, 0, NULL },
	{ { "sh", "-c", "exit 7" }, 7, NULL },
	{ { "sh", "-c", "exit 255" }, 255, NULL },
	{ { "sh", "-c", "kill -TERM $$" }, 128 + 15, NULL },
	{ { "sh", "-c", "kill -KILL $$" }, 128 + 9, NULL },
	/* The command's own words for what it did not find. */
	{ { "sh", "-c", "exec /no/such/file" }, 127, "/no/such/file" },
	{ { "no-such-command-anywhere" }, 127, "no-such-command-anywhere" },
	{ { "/no/such/command" }, 127, "/no/such/command" },
	{ { "/etc/passwd" }, 126, "/etc/passwd" },
	{ { "/etc" }, 126, "/etc" },
	{ { "/etc/passwd/command" }, 126, "/etc/passwd/command" },
};

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static struct live *start_ending(const struct ending *e)
{
	const char *argv[8] = { live_gilwatch(), "-q", "--" };

	for (size_t i = 0; i < COUNT(e->command); i++)
		argv[3 + i] = e->command[i];
	return live_start(argv, NULL, NULL);
}

static void check_ending(const struct ending *e, struct live *l)
{
	if (live_wait(l) != e->status)
		fail_msg("%s: status %d, not %d", e->command[0], l->status,
			 e->status);
	if (e->said && !strstr(live_err(l), e->said))
		fail_msg("no %s in %s", e->said, live_err(l));
	live_done(l);
}

/* All at once: each takes most of its time to let go of the kernel. */
static void its_status_is_the_commands(void **state)
{
	struct live *l[COUNT(endings)];

	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(endings); i++)
		l[i] = start_ending(&endings[i]);
	for (size_t i = 0; i < COUNT(endings); i++)
		check_ending(&endings[i], l[i]);
}

/* What cannot be started is one line, and nothing else comes. */
static void nothing_is_shown_of_what_did_not_start(void **state)
{
	static const char *const commands[] = { "no-such-command-anywhere",
						"/etc/passwd" };
	struct live *l;

	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(commands); i++) {
		l = live_run((const char *[]){ live_gilwatch(), "--",
					       commands[i], NULL },
			     NULL, NULL);
		assert_int_equal(lines(live_err(l)), 1);
		assert_string_equal(live_out(l), "");
		live_done(l);
	}
}

/* The command's input and output are gilwatch's own. */
static void it_reads_and_writes_as_always(void **state)
{
	struct live *l;

	(void)state;
	live_require();
	l = live_run((const char *[]){ live_gilwatch(), "-q", "--", "sh", "-c",
				       "echo to-stdout; echo to-stderr >&2; "
				       "printf '%s|' \"$@\"",
				       "name", "two words", "", "-p", NULL },
		     NULL, NULL);
	assert_int_equal(l->status, 0);
	assert_non_null(strstr(live_out(l), "to-stdout\n"));
	assert_non_null(strstr(live_out(l), "two words||-p|"));
	assert_non_null(strstr(live_err(l), "to-stderr\n"));
	live_done(l);
}

/* ---- the user who called sudo -------------------------------------------- */

#define MADE_UP_UID "54321"
#define MADE_UP_GID "54322"
#define OTHER_GID "54323"

/* What sudo leaves in the environment, and a user database of its own. */
struct caller {
	const char *uid, *gid;
	char passwd[64], group[64];
};

/* In the child: a mount namespace in which the user database is another. */
static int called_by(void *ctx)
{
	const struct caller *c = ctx;

	setenv("SUDO_UID", c->uid, 1);
	setenv("SUDO_GID", c->gid, 1);
	if (!*c->passwd)
		return 0;
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount(c->passwd, "/etc/passwd", NULL, MS_BIND, NULL) ||
	       mount(c->group, "/etc/group", NULL, MS_BIND, NULL);
}

static void append(const char *from, const char *to, const char *line)
{
	char text[65536];
	FILE *f = fopen(from, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	f = fopen(to, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fputs(line, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(to, 0644), 0);
}

static void make_up(struct caller *c)
{
	const char *folder = live_folder();

	*c = (struct caller){ .uid = MADE_UP_UID, .gid = MADE_UP_GID };
	snprintf(c->passwd, sizeof(c->passwd), "%s/passwd", folder);
	snprintf(c->group, sizeof(c->group), "%s/group", folder);
	append("/etc/passwd", c->passwd,
	       "madeup:x:" MADE_UP_UID ":" MADE_UP_GID
	       "::/home/of-madeup:/bin/sh\n");
	append("/etc/group", c->group,
	       "madeup:x:" MADE_UP_GID ":\nothers:x:" OTHER_GID ":madeup\n");
}

/* Runs a script as that caller's command, with tables below a folder of his.
 * extra: an option, or NULL. */
static struct live *run_for(struct caller *c, const char *csv,
			    const char *script, const char *extra)
{
	const char *argv[12] = { live_gilwatch(), "-q", "--csv", csv };
	size_t n = 4;

	if (extra)
		argv[n++] = extra;
	argv[n++] = "--";
	argv[n++] = "sh";
	argv[n++] = "-c";
	argv[n++] = script;
	return live_run(argv, called_by, c);
}

static const char who[] =
	"echo user $(id -u) $(id -ru) group $(id -g) groups $(id -G) home "
	"$HOME name $USER $LOGNAME caps $(grep CapEff /proc/self/status)";

/* A folder that belongs to the user. */
static void own_folder(char csv[128], const char *uid, const char *gid)
{
	const char *folder = live_folder();

	assert_int_equal(chown(folder, (uid_t)atoi(uid), (gid_t)atoi(gid)), 0);
	snprintf(csv, 128, "%s/csv", folder);
}

static void assert_owner(const char *folder, const char *uid, const char *gid)
{
	static const char *const names[] = { "locks.csv",      "threads.csv",
					     "handoffs.csv",   "migrations.csv",
					     "histograms.csv", "." };
	struct stat st;

	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(lstat(live_path(folder, names[i]), &st), 0);
		assert_int_equal(st.st_uid, atoi(uid));
		assert_int_equal(st.st_gid, atoi(gid));
		assert_int_equal(st.st_mode & 077, 0);
	}
}

static void it_runs_as_the_user_who_called_sudo(void **state)
{
	struct caller c;
	struct live *l;
	char csv[128];

	(void)state;
	live_require();
	make_up(&c);
	own_folder(csv, c.uid, c.gid);
	l = run_for(&c, csv, who, NULL);
	assert_int_equal(l->status, 0);
	if (!strstr(live_out(l),
		    "user " MADE_UP_UID " " MADE_UP_UID " group " MADE_UP_GID
		    " groups " MADE_UP_GID " " OTHER_GID
		    " home /home/of-madeup name madeup madeup caps CapEff: "
		    "0000000000000000\n"))
		fail_msg("%s%s", live_out(l), live_err(l));
	assert_owner(csv, c.uid, c.gid);
}

static void it_runs_as_nobody(void **state)
{
	struct caller c = { .uid = "65534", .gid = "65534" };
	struct live *l;
	char csv[128];

	(void)state;
	live_require();
	own_folder(csv, c.uid, c.gid);
	l = run_for(&c, csv, who, NULL);
	assert_int_equal(l->status, 0);
	assert_non_null(strstr(live_out(l), "user 65534 65534 group 65534 "));
	assert_owner(csv, c.uid, c.gid);
}

static void as_root_keeps_root(void **state)
{
	struct caller c;
	struct live *l;
	char csv[128];

	(void)state;
	live_require();
	make_up(&c);
	own_folder(csv, c.uid, c.gid);
	l = run_for(&c, csv, who, "--as-root");
	assert_int_equal(l->status, 0);
	assert_non_null(strstr(live_out(l), "user 0 0 group 0 "));
	assert_owner(csv, c.uid, c.gid);
}

/* The user may not go where only root may. */
static void tables_go_where_the_user_may_write(void **state)
{
	struct caller c = { .uid = "65534", .gid = "65534" };
	struct live *l;
	char csv[128];

	(void)state;
	live_require();
	snprintf(csv, sizeof(csv), "%s/csv", live_folder());
	l = run_for(&c, csv, "echo started", NULL);
	assert_int_equal(l->status, 1);
	assert_int_equal(lines(live_err(l)), 1);
	assert_null(strstr(live_out(l), "started"));
	assert_int_equal(access(csv, F_OK), -1);
}

/* Names of users that are none: an error, not root. */
static void who_is_unknown_does_not_become_root(void **state)
{
	static const char *const uids[] = { "junk", "-1", "4294967295",
					    "3999999999", "" };
	struct caller c = { .gid = "65534" };
	struct live *l;

	(void)state;
	live_require();
	for (size_t i = 0; i < COUNT(uids); i++) {
		c.uid = uids[i];
		l = live_run((const char *[]){ live_gilwatch(), "-q", "--",
					       "echo", "started", NULL },
			     called_by, &c);
		if (l->status != 1 || lines(live_err(l)) != 1 || *live_out(l))
			fail_msg("SUDO_UID=%s: status %d: %s%s", uids[i],
				 l->status, live_out(l), live_err(l));
		live_done(l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE_TEST(its_status_is_the_commands),
		LIVE_TEST(nothing_is_shown_of_what_did_not_start),
		LIVE_TEST(it_reads_and_writes_as_always),
		LIVE_TEST(it_runs_as_the_user_who_called_sudo),
		LIVE_TEST(it_runs_as_nobody),
		LIVE_TEST(as_root_keeps_root),
		LIVE_TEST(tables_go_where_the_user_may_write),
		LIVE_TEST(who_is_unknown_does_not_become_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
