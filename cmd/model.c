/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.c - a stream of stores, from a file or a pipe, into the TLPs that the write-combining buffers make of it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/events.h"
#include "cmd/model.h"
#include "cmd/profile.h"
#include "probe/cpu.h"
#include "probe/observed.h"
#include "probe/src.h"

#define DEFAULT_LIMIT 100
#define MAX_LIMIT     10000000

enum { VAL_PROFILE = 2100, VAL_PROFILES, VAL_BUFFERS, VAL_MPS, VAL_HEADER, VAL_TYPE, VAL_LIST, VAL_LIMIT, VAL_TLPS, VAL_PCAP };

static const struct opt opts[] = {
	{ VAL_PROFILE, "profile", "NAME",
	  "the CPU: a name of --profiles; auto (default): this machine's, or --root's; measured: its buffers, too" },
	{ VAL_PROFILES, "profiles", NULL, "list the profiles: buffers, rules, where each is from" },
	{ VAL_BUFFERS, "buffers", "N", "so many buffers, 1 to 32, instead of the profile's" },
	{ VAL_MPS, "mps", "BYTES", "Max_Payload_Size, 128 (default) to 4096" },
	{ VAL_HEADER, "header", "DW", "header of 3 or 4 DW; auto (default): 4 from address 4 GiB up" },
	{ VAL_TYPE, "type", "TYPE", "of stores and reads that name none: wc (default), uc, uc-, wb" },
	{ VAL_LIST, "list", NULL, "list the TLPs, each with its reason and the stores behind it" },
	{ VAL_LIMIT, "limit", "N", "list so many at most (100)" },
	{ VAL_PCAP, "pcap", "FILE", "write the TLPs as a NetTLP capture, too, as Wireshark opens it" },
	{ VAL_TLPS, "tlps", NULL, "print lines \"tlp ADDRESS DWS FBE LBE\", all of them, and nothing else" },
	{ 0, NULL, NULL, NULL },
};

struct asked {
	const struct cmd *c;
	const char *profile, *pcap;
	struct model_params par;
	enum mtype type;
	bool list, tlps, profiles;
	size_t limit;
};

static int number(const struct asked *a, const char *opt, const char *arg, unsigned long min, unsigned long max,
		  unsigned long *out)
{
	char *end, what[64];

	errno = 0;
	*out = strtoul(arg, &end, 10);
	if (*arg >= '0' && *arg <= '9' && !*end && !errno && *out >= min && *out <= max)
		return 0;
	snprintf(what, sizeof(what), "%s takes a number from %lu to %lu", opt, min, max);
	return cmd_fail(a->c, arg, what, "see --help");
}

static int own(int val, const char *arg, void *ctx)
{
	static const struct {
		const char *name;
		enum mtype type;
	} types[] = { { "wc", MT_WC }, { "uc", MT_UC }, { "uc-", MT_UCMINUS }, { "wb", MT_WB } };
	struct asked *a = ctx;
	unsigned long n = 0;
	int rc = 0;

	switch (val) {
	case VAL_PROFILE:
		a->profile = arg;
		if (!profile_known(arg))
			return cmd_fail(a->c, arg, "no such profile", "wcdiag model --profiles lists them");
		break;
	case VAL_PROFILES:
		a->profiles = true;
		break;
	case VAL_BUFFERS:
		rc = number(a, "--buffers", arg, 1, MODEL_MAX_BUFFERS, &n);
		a->par.buffers = (unsigned int)n;
		break;
	case VAL_MPS:
		rc = number(a, "--mps", arg, 128, 4096, &n);
		a->par.mps = (unsigned int)n;
		if (!rc && (n & (n - 1)))
			rc = cmd_fail(a->c, arg, "Max_Payload_Size is a power of two", "128, 256, ... 4096");
		break;
	case VAL_HEADER:
		a->par.header = 0;
		if (strcmp(arg, "auto"))
			rc = number(a, "--header", arg, 3, 4, &n);
		a->par.header = (unsigned int)n;
		break;
	case VAL_TYPE:
		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			if (!strcmp(arg, types[i].name)) {
				a->type = types[i].type;
				return 0;
			}
		}
		return cmd_fail(a->c, arg, "no such memory type", "use wc, uc, uc- or wb");
	case VAL_LIST:
		a->list = true;
		break;
	case VAL_LIMIT:
		rc = number(a, "--limit", arg, 0, MAX_LIMIT, &n);
		a->limit = n;
		break;
	case VAL_PCAP:
		a->pcap = arg;
		break;
	case VAL_TLPS:
		a->tlps = true;
		break;
	default:
		return EXIT_FAILED;
	}
	return rc;
}

/* Everything that happens while the stream runs. */
struct job {
	struct model *m;
	struct model_ips ips;
	bool tlps;
	struct model_tlp *tlp;
	size_t ntlp, room, limit;
	bool nomem;
	struct observed_writer *pcap;
	unsigned int header;
};

static void packet(struct job *j, const struct model_tlp *t)
{
	const struct tlp p = { .addr = t->addr, .ndw = t->ndw, .fbe = t->fbe, .lbe = t->lbe, .header = (uint8_t)j->header };

	observed_write(j->pcap, &p);
}

static void out(const struct model_tlp *t, void *ctx)
{
	struct job *j = ctx;
	char line[64];

	model_ips_add(&j->ips, t);
	if (j->pcap)
		packet(j, t);
	if (j->tlps) {
		model_text_tlp(t, line, sizeof(line));
		puts(line);
		return;
	}
	if (j->ntlp == j->limit || j->nomem)
		return;
	if (j->ntlp == j->room) {
		size_t room = j->room ? 2 * j->room : 64;
		struct model_tlp *p = realloc(j->tlp, room * sizeof(*p));

		if (!p) {
			j->nomem = true;
			return;
		}
		j->tlp = p;
		j->room = room;
	}
	j->tlp[j->ntlp++] = *t;
}

static int in(const struct model_event *e, void *ctx)
{
	/* The reader lets no event through that the model refuses. */
	return model_feed(((struct job *)ctx)->m, e);
}

static int read_stream(const struct asked *a, const char *name, FILE *f, struct job *j)
{
	int rc = events_read(a->c, name, f, a->type, in, j);

	if (!rc)
		model_end(j->m);
	return rc;
}

static int pcap_begin(const struct asked *a, struct job *j)
{
	FILE *f = fopen(a->pcap, "we");
	const char *what;
	int rc;

	if (!f)
		return cmd_fail_errno(a->c, a->pcap, errno, "name a file that can be written");
	rc = observed_write_begin(f, &j->pcap, &what);
	if (!rc)
		return 0;
	fclose(f);
	return cmd_fail(a->c, a->pcap, what, "leave --pcap");
}

static int pcap_end(const struct asked *a, struct job *j)
{
	int rc = j->pcap ? observed_write_end(j->pcap) : 0;

	j->pcap = NULL;
	return rc ? cmd_fail_errno(a->c, a->pcap, -rc, "the capture is not complete: give it room") : 0;
}

static int choose(const struct asked *a, const struct common *o, struct profile_choice *p)
{
	struct src *s;
	struct cpu c;
	struct hyper h = { 0 };
	int rc;

	if (cpu_profile_find(a->profile)) {
		if (o->nroot)
			return cmd_fail(a->c, "--root", "the profile was named, so no machine is read",
					"leave one of them");
		return profile_choose(a->c, NULL, NULL, NULL, a->profile, p);
	}
	rc = common_open(o, &s);
	if (rc)
		return rc;
	rc = cpu_read(s, &c);
	if (rc) {
		rc = cmd_fail_errno(a->c, "the CPU", -rc, "name it: --profile, see --profiles");
	} else {
		hyper_read(s, &c, &h);
		rc = profile_choose(a->c, s, &c, &h, a->profile, p);
	}
	src_close(s);
	return rc;
}

static int model_run(const struct asked *a, const struct common *o, const char *name)
{
	struct job *j = calloc(1, sizeof(*j));
	struct model_view v = { .file = name, .list = a->list, .par = a->par, .json = !strcmp(o->format, "json") };
	bool std = !strcmp(name, "-");
	struct profile_choice p = { 0 };
	FILE *f = NULL;
	int rc = choose(a, o, &p);

	v.chosen = p.chosen;
	v.cpu = v.par.cpu = p.cpu;
	if (!rc && (!j || model_new(&v.par, out, j, &j->m)))
		rc = cmd_fail_errno(a->c, "the model", ENOMEM, NULL);
	if (!rc) {
		j->tlps = a->tlps;
		j->limit = a->list ? a->limit : 0;
		j->header = a->par.header;
		rc = a->pcap ? pcap_begin(a, j) : 0;
	}
	if (!rc) {
		f = std ? stdin : fopen(name, "re");
		rc = f ? read_stream(a, std ? "standard input" : name, f, j)
		       : cmd_fail_errno(a->c, name, errno, "name a file of events, or - for standard input");
	}
	if (j) {
		int end = pcap_end(a, j);

		rc = rc ? rc : end;
	}
	if (!rc && j->nomem)
		rc = cmd_fail_errno(a->c, "the list", ENOMEM, "ask for fewer: --limit");
	if (!rc) {
		v.t = model_totals(j->m);
		v.buffers = model_buffers(j->m);
		model_ips_sort(&j->ips);
		v.ips = &j->ips;
		v.tlp = j->tlp;
		v.ntlp = j->ntlp;
		rc = a->tlps ? 0 : model_show(&v);
		if (!rc && (v.t->best != v.t->worst || v.t->unseen))
			rc = EXIT_UNKNOWN;
	}
	if (f && !std)
		fclose(f);
	if (j) {
		model_free(j->m);
		free(j->tlp);
	}
	free(j);
	return rc;
}

static int run(const struct cmd *c, int argc, char **argv)
{
	struct asked a = { .c = c, .profile = "auto", .type = MT_WC, .limit = DEFAULT_LIMIT };
	struct common o;
	int at, rc = common_parse(c, argc, argv, &o, own, &a, &at);

	if (rc >= 0)
		return rc;
	if (a.profiles)
		rc = at == argc ? model_show_profiles(!strcmp(o.format, "json"))
				: cmd_fail(c, argv[at], "--profiles reads no file", "use it alone");
	else if (at == argc)
		rc = cmd_fail(c, "FILE", "which stream of events?", "name a file, or - for standard input");
	else if (at + 1 < argc)
		rc = cmd_fail(c, argv[at + 1], "a second file", "one stream at a time");
	else if (a.tlps && (a.list || strcmp(o.format, "text")))
		rc = cmd_fail(c, "--tlps", "it prints plain lines and nothing else", "leave --list and --json");
	else
		rc = model_run(&a, &o, argv[at]);
	common_free(&o);
	return rc;
}

const struct cmd cmd_model = {
	.name = "model",
	.args = "FILE|-",
	.help = "predict the TLPs that a stream of stores leaves the CPU as",
	.more = "FILE holds events as wcdiag-events(5) has them. Exit status: 0 the answer is exact, 2 it is a range,\n"
		"because something about the CPU or the stream is not known (which is said), 3 usage or failure.",
	.opts = opts,
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
