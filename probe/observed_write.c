/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_write.c - memory writes as a NetTLP capture, which Wireshark's NetTLP dissector opens. */
#include "observed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pcap_lib.h"

enum { ETH = 14, IPV4 = 20, UDP = 8, NETTLP = 6, BEFORE = ETH + IPV4 + UDP + NETTLP };
#define PORT	12288
#define LARGEST (BEFORE + TLP_HEADER_MAX + 4096)

struct observed_writer {
	const struct pcap_lib *l;
	pcap_t *link;
	pcap_dumper_t *d;
	FILE *f;
	uint64_t n;
	uint8_t frame[LARGEST];
};

int observed_write_begin(FILE *f, struct observed_writer **out, const char **what)
{
	struct observed_writer *w;
	const struct pcap_lib *l = pcap_lib(what);

	if (!l)
		return -ENOTSUP;
	w = calloc(1, sizeof(*w));
	*what = "not enough memory";
	if (!w)
		return -ENOMEM;
	w->l = l;
	w->f = f;
	w->link = l->pcap_open_dead(DLT_EN10MB, 65535);
	w->d = w->link ? l->pcap_dump_fopen(w->link, f) : NULL;
	if (!w->d) {
		if (w->link)
			l->pcap_close(w->link);
		free(w);
		return -ENOMEM;
	}
	*out = w;
	return 0;
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

/* RFC 791: of the header, with the field itself zero. */
static unsigned int ip_sum(const uint8_t *p)
{
	unsigned int s = 0;

	for (unsigned int i = 0; i < IPV4; i += 2)
		s += (unsigned int)p[i] << 8 | p[i + 1];
	s = (s & 0xffff) + (s >> 16);
	return ~(s + (s >> 16)) & 0xffff;
}

void observed_write(struct observed_writer *w, const struct tlp *t)
{
	/* Addresses that are nobody's (RFC 7042, RFC 5737): locally administered, and for documentation. */
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	static const uint8_t ips[8] = { 192, 0, 2, 1, 192, 0, 2, 2 };
	uint8_t *ip = w->frame + ETH, *udp = ip + IPV4, *net = udp + UDP;
	size_t header = tlp_encode_write(t, net + NETTLP), data = 4u * t->ndw, len = BEFORE + header + data;
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len };

	if (!t->ndw || t->ndw > 1024)
		return;
	/* Wireshark orders by number; the time says only which came before which: a microsecond each. */
	h.ts.tv_sec = (time_t)(w->n / 1000000);
	h.ts.tv_usec = (suseconds_t)(w->n % 1000000);
	memcpy(w->frame, macs, sizeof(macs));
	put16(w->frame + 12, 0x0800);
	memset(ip, 0, IPV4 + UDP + NETTLP);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned int)(len - ETH));
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, ips, sizeof(ips));
	put16(ip + 10, ip_sum(ip));
	put16(udp, PORT + t->tag % 256);
	put16(udp + 2, PORT + t->tag % 256);
	put16(udp + 4, (unsigned int)(len - ETH - IPV4)); /* without a checksum, which IPv4 allows */
	put16(net, w->n & 0xffff);
	put32(net + 2, (uint32_t)w->n);
	memset(net + NETTLP + header, 0, data);
	w->n++;
	w->l->pcap_dump((u_char *)w->d, &h, w->frame);
}

int observed_write_end(struct observed_writer *w)
{
	int bad = fflush(w->f) || ferror(w->f) ? errno ? errno : EIO : 0;

	w->l->pcap_dump_close(w->d);
	w->l->pcap_close(w->link);
	free(w);
	return -bad;
}
