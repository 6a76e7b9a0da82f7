// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "ports.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "stop.h"

#define PREFIX	"netmap:"
#define LOOK_MS 50

static bool is_interface(const char *name, size_t len)
{
	char text[IFNAMSIZ];

	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	return if_nametoindex(text) != 0;
}

bool ports_spec(const char *name, char spec[PORTS_SPEC])
{
	size_t len = strlen(name);
	bool bare = is_interface(name, len) ||
		    is_interface(name, strcspn(name, "-*^/@{}:"));

	if (strncmp(name, "vale", 4) == 0 && strchr(name, ':'))
		bare = false;
	if (len + (bare ? strlen(PREFIX) : 0) >= PORTS_SPEC)
		return false;
	sprintf(spec, "%s%s", bare ? PREFIX : "", name);
	return true;
}

bool ports_interface(const char *spec, char name[IFNAMSIZ])
{
	size_t len;

	if (strncmp(spec, PREFIX, strlen(PREFIX)) != 0)
		return false;
	spec += strlen(PREFIX);
	len = strcspn(spec, "@");
	if (memchr(spec, '{', len) || memchr(spec, '}', len))
		return false;
	/* Names of interfaces may have a dash in them. */
	len = strcspn(spec, "*^/@");
	if (!is_interface(spec, len))
		len = strcspn(spec, "-*^/@");
	if (!is_interface(spec, len))
		return false;
	memcpy(name, spec, len);
	name[len] = '\0';
	return true;
}

static bool has_carrier(int fd, const char *name)
{
	struct ifreq r = {0};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFFLAGS, &r) == 0 &&
	       (r.ifr_flags & IFF_RUNNING) && (r.ifr_flags & IFF_UP);
}

bool ports_wait_link(const char *spec, unsigned seconds)
{
	uint64_t end = clock_ns() + seconds * 1000000000ull;
	char name[IFNAMSIZ];
	bool up = false;
	int fd;

	if (!ports_interface(spec, name))
		return true;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	while (!(up = has_carrier(fd, name)) && !stop_wanted() &&
	       clock_ns() < end)
		stop_wait(clock_ns() + LOOK_MS * 1000000ull);
	close(fd);
	return up;
}

static int ask_header(const struct nmport_d *d, uint16_t type,
		      struct nmreq_port_hdr *body)
{
	struct nmreq_header hdr;

	nmreq_header_init(&hdr, type, body);
	memcpy(hdr.nr_name, d->hdr.nr_name, sizeof(hdr.nr_name));
	return ioctl(d->fd, NIOCCTRL, &hdr);
}

uint32_t ports_header(const struct nmport_d *d)
{
	struct nmreq_port_hdr h = {0};

	return ask_header(d, NETMAP_REQ_PORT_HDR_GET, &h) ? 0 : h.nr_hdr_len;
}

bool ports_set_header(const struct nmport_d *d, uint32_t len)
{
	struct nmreq_port_hdr h = {.nr_hdr_len = len};

	return ask_header(d, NETMAP_REQ_PORT_HDR_SET, &h) == 0;
}
