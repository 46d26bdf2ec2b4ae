// SPDX-License-Identifier: GPL-2.0-or-later
/* circumstances_words.c - the sentence. Pure. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "circumstances.h"

struct text {
	char *p;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *words, ...)
{
	va_list ap;
	int n;

	va_start(ap, words);
	n = vsnprintf(t->p, t->len, words, ap);
	va_end(ap);
	if (n < 0 || !t->len)
		return;
	/* Cut to fit; the end is always a NUL. */
	n = (size_t)n < t->len ? n : (int)t->len - 1;
	t->p += n;
	t->len -= (size_t)n;
}

static void say_irqs(struct text *t, const struct circumstances *c)
{
	if (c->irq_fact.state != FACT_KNOWN) {
		say(t, "interrupts on CPU %u not known: %s: %s", c->cpu, c->irq_fact.where, c->irq_fact.why);
		return;
	}
	say(t, "%" PRIu64 " interrupt%s on CPU %u", c->irqs, c->irqs == 1 ? "" : "s", c->cpu);
	if (c->irqs && c->busiest_irqs == c->irqs)
		say(t, " (%s)", c->busiest);
	else if (c->irqs)
		say(t, " (%" PRIu64 " of them %s)", c->busiest_irqs, c->busiest);
}

static void say_sibling(struct text *t, const struct circumstances *c)
{
	if (c->sibling_fact.state == FACT_ABSENT)
		say(t, "; it has no sibling thread");
	else if (c->sibling_fact.state != FACT_KNOWN)
		say(t, "; its sibling threads not known: %s: %s", c->sibling_fact.where, c->sibling_fact.why);
	else if (c->sibling_busy < 0)
		say(t, "; too short to say how busy its sibling CPU %u was", c->sibling);
	else
		say(t, "; its sibling CPU %u was busy %.0f%% of the time", c->sibling, 100 * c->sibling_busy);
}

static void say_nodes(struct text *t, const struct circumstances *c)
{
	if (c->cpu_node >= 0 && c->device_node == c->cpu_node)
		say(t, "; it and the device are on node %d", c->cpu_node);
	else if (c->cpu_node >= 0 && c->device_node >= 0)
		say(t, "; it is on node %d, the device on node %d", c->cpu_node, c->device_node);
	else if (c->cpu_node >= 0)
		say(t, "; it is on node %d, the device's is not said", c->cpu_node);
}

void circumstances_words(const struct circumstances *c, char *buf, size_t len)
{
	struct text t = { buf, len };

	if (c->seconds < 1)
		say(&t, "in %.0f ms: ", 1000 * c->seconds);
	else
		say(&t, "in %.1f s: ", c->seconds);
	say_irqs(&t, c);
	say_sibling(&t, c);
	say_nodes(&t, c);
}
