/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observed_pcap.c - TLPs in Ethernet frames, as NetTLP has them (Kuga, Nakamura et al., NSDI 2020), and back.
 */
#include "observed_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pcap_lib.h"

#define MAX_TAGS 2

enum { ETH = 14, TAG = 4, IPV4 = 20, UDP = 8, NETTLP = 6 };
enum { PORT_FIRST = 12288, PORT_LAST = 12544 };

static unsigned int be16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* What a port says comes before what the rest says: a packet that is cut before its ports is lost, not foreign. */
int observed_packet(const uint8_t *p, size_t have, size_t whole, struct tlp *out, bool *part, const char **what)
{
	size_t at = ETH, ihl, len, need, header;
	unsigned int type, port;
	int rc;

	*part = have < whole;
	*what = "captured too short to tell what it is";
	if (have < ETH)
		return *part ? -ENODATA : -ENOENT;
	type = be16(p + 12);
	for (unsigned int i = 0; i < MAX_TAGS && (type == 0x8100 || type == 0x88a8); i++, at += TAG) {
		if (have < at + TAG)
			return *part ? -ENODATA : -ENOENT;
		type = be16(p + at + 2);
	}
	if (type != 0x0800)
		return -ENOENT;
	if (have < at + IPV4)
		return *part ? -ENODATA : -ENOENT;
	ihl = 4 * (size_t)(p[at] & 15);
	/* UDP, not a fragment. */
	if (p[at] >> 4 != 4 || ihl < IPV4 || p[at + 9] != 17 || (be16(p + at + 6) & 0x3fff))
		return -ENOENT;
	at += ihl;
	if (have < at + UDP)
		return *part ? -ENODATA : -ENOENT;
	port = be16(p + at + 2);
	if (port < PORT_FIRST || port > PORT_LAST)
		return -ENOENT;
	len = be16(p + at + 4);
	*what = "its length in UDP is too small, or larger than the packet";
	if (len < UDP + NETTLP || at + len > whole)
		return -EBADMSG;
	*part = have < at + len;
	len -= UDP + NETTLP;
	at += UDP + NETTLP;
	rc = tlp_decode(p + (at < have ? at : have), at < have ? (have - at < len ? have - at : len) : 0, out, &header,
			what);
	if (rc)
		return rc == -ENODATA && *part ? -ENODATA : -EBADMSG;
	need = header + (out->has_data ? 4u * out->ndw : 0);
	*what = "it has less data than its length says";
	return need > len ? -EBADMSG : 0;
}

/* libpcap closes the file that it reads: it gets one of its own, through which it reads ours. */
static ssize_t borrow_read(void *cookie, char *buf, size_t n)
{
	size_t got = fread(buf, 1, n, cookie);

	return !got && ferror((FILE *)cookie) ? -1 : (ssize_t)got;
}

static FILE *borrow(FILE *f)
{
	FILE *b = fopencookie(f, "r", (cookie_io_functions_t){ .read = borrow_read });

	return b;
}

static int packet(struct observed_in *in, const struct pcap_pkthdr *h, const uint8_t *p)
{
	struct observed *o = in->out;
	const char *what;
	struct tlp t;
	bool part;

	o->records++;
	switch (observed_packet(p, h->caplen, h->len < h->caplen ? h->caplen : h->len, &t, &part, &what)) {
	case 0:
		o->shortened += part;
		return observed_take(in, &t, o->records);
	case -ENOENT:
		o->foreign++;
		break;
	case -ENODATA:
		o->lost++;
		break;
	default:
		o->bad++;
		if (!o->what) {
			o->at = o->records;
			o->what = what;
		}
	}
	return 0;
}

int observed_pcap(struct observed_in *in)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct observed *o = in->out;
	const struct pcap_lib *l = pcap_lib(&o->what);
	FILE *f = l ? borrow(in->f) : NULL;
	struct pcap_pkthdr *h;
	const u_char *p;
	pcap_t *c;
	int got, rc = 0;

	if (!l)
		return -ENOTSUP;
	if (!f)
		return -ENOMEM;
	c = l->pcap_fopen_offline(f, why);
	if (!c) {
		fclose(f);
		snprintf(o->text, sizeof(o->text), "%.*s", (int)sizeof(o->text) - 1, why);
		return observed_wrong(in, 1, o->text);
	}
	if (l->pcap_datalink(c) != DLT_EN10MB) {
		l->pcap_close(c);
		o->what = "its packets are not Ethernet frames";
		return -ENOTSUP;
	}
	while (!rc && (got = l->pcap_next_ex(c, &h, &p)) == 1)
		rc = packet(in, h, p);
	/* A file that ends in the middle of a packet: the capture was cut. What came before it is good. */
	if (!rc && got != PCAP_ERROR_BREAK) {
		o->cut = true;
		if (!o->what) {
			snprintf(o->text, sizeof(o->text), "%.*s", (int)sizeof(o->text) - 1, l->pcap_geterr(c));
			o->what = o->text;
			o->at = o->records + 1;
		}
	}
	l->pcap_close(c);
	return rc;
}
