// SPDX-License-Identifier: Apache-2.0

#include "tests/chaos/chaos.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Node n and the hub share 198.18.(n+1).0/30: addresses set aside for tests of networks,
 * and reachable inside these namespaces only. */

static int own_net(void)
{
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static bool make_nets(struct chaos *chaos)
{
    chaos->hub = own_net();
    for (size_t i = 0; i < NODES; i++) {
        if (unshare(CLONE_NEWNET) != 0) {
            return false;
        }
        chaos->nets[i] = own_net();
        if (chaos->nets[i] < 0 || setns(chaos->hub, CLONE_NEWNET) != 0) {
            return false;
        }
    }
    return true;
}

/* What `ip` does in the namespace that this process is in now. */
static bool say_ip(const char *text)
{
    FILE *ip = popen("ip -batch -", "w");
    if (ip == NULL) {
        return false;
    }
    bool said = fputs(text, ip) >= 0;
    return pclose(ip) == 0 && said;
}

static bool make_link(const struct chaos *chaos, size_t i)
{
    char text[512];
    snprintf(text, sizeof(text),
             "link add h%zu type veth peer name n%zu\n"
             "link set n%zu netns /proc/%ld/fd/%d\n"
             "addr add 198.18.%zu.1/30 dev h%zu\n"
             "link set h%zu up\n",
             i, i, i, (long)getpid(), chaos->nets[i], i + 1, i, i);
    if (!say_ip(text) || setns(chaos->nets[i], CLONE_NEWNET) != 0) {
        return false;
    }
    snprintf(text, sizeof(text),
             "link set lo up\naddr add 198.18.%zu.2/30 dev n%zu\nlink set n%zu up\n",
             i + 1, i, i);
    bool well = say_ip(text);
    return setns(chaos->hub, CLONE_NEWNET) == 0 && well;
}

bool net_create(struct chaos *chaos)
{
    bool well = make_nets(chaos) && say_ip("link set lo up\n");
    for (size_t i = 0; well && i < NODES; i++) {
        well = make_link(chaos, i);
    }
    return well;
}

void net_link(const struct chaos *chaos, size_t node, bool up)
{
    struct ifreq request;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)chaos;
    memset(&request, 0, sizeof(request));
    snprintf(request.ifr_name, sizeof(request.ifr_name), "h%zu", node);
    if (descriptor >= 0 && ioctl(descriptor, SIOCGIFFLAGS, &request) == 0) {
        int flags = request.ifr_flags;
        request.ifr_flags = (short)(up ? flags | IFF_UP : flags & ~IFF_UP);
        (void)ioctl(descriptor, SIOCSIFFLAGS, &request);
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
}
