"""A NetworkPolicy of Kubernetes for the ports of `egress`, beside the one that denies the rest.

A NetworkPolicy knows addresses and ports, and no names. So it lets out name look-ups, and the
ports of `egress` to public addresses. Which host is asked there is for code (`allowed.json`), and
for a proxy or a network that knows names, such as Cilium with `toFQDNs`.
"""

import ipaddress
from typing import Any

from mlcharter.charter.charter import Charter

PATHS = ("deploy/kubernetes/egress.yaml",)
SOURCES = ("egress",)
REMEDY = "fill in `egress`, in a repository that is served by Kubernetes"
_HEADER = """\
# Written by `mlcharter export network` from the config block `egress`; edit that.
# Policies add up: network.yaml denies the rest. Look-ups go to the cluster's DNS; a port of a named
# host is open to every public address, since a policy knows no names. To let out the names only,
# use a proxy, or a network that knows names (Cilium: `toFQDNs`):
{names}
# For a name with a private address, write a policy of your own for that address.
"""
# Other pods, metadata of the cloud and the networks of a company are not public.
_INTERNAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"),
]
_PUBLIC = [
    {"ipBlock": {"cidr": "0.0.0.0/0", "except": _INTERNAL}},
    {"ipBlock": {"cidr": "2000::/3", "except": ["2001::/23", "2002::/16"]}},
]
_DNS = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def render(charter: Charter) -> dict[str, str]:
    """Return the policy as YAML, if the service runs on Kubernetes and may reach a host."""
    import yaml

    answers = charter.answers.values
    own = (entry.value for entry in charter.every("egress") if not entry.value.starter)
    found = {(value.host, value.port) for value in own}
    if not found or answers.get("platform_serving") != "kubernetes":
        return {}
    policy = _policy(str(answers.get("package")).replace("_", "-").strip("-"), sorted(found))
    names = [f"#   {host}:{port}" for host, port in sorted(found) if _block(host) is None]
    text = yaml.safe_dump(policy, sort_keys=False, width=1000, default_flow_style=None)
    return {PATHS[0]: _HEADER.format(names="\n".join(names or ["#   (there is none)"])) + text}


def _policy(name: str, found: list[tuple[str, int]]) -> dict[str, Any]:
    ports = sorted({port for host, port in found if _block(host) is None})
    rules = [
        _rule([{"ipBlock": {"cidr": _block(host)}}], [port]) for host, port in found if _block(host)
    ]
    if ports:
        rules += [_rule([_DNS], [53], ("UDP", "TCP")), _rule(_PUBLIC, ports)]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{name}-egress"},
        "spec": {
            "podSelector": {"matchLabels": {"app": name}},
            "policyTypes": ["Egress"],
            "egress": rules,
        },
    }


def _rule(
    to: list[dict[str, Any]], ports: list[int], protocols: tuple[str, ...] = ("TCP",)
) -> dict[str, Any]:
    listed = [{"protocol": one, "port": port} for port in ports for one in protocols]
    return {"to": to, "ports": listed}


def _block(host: str) -> str | None:
    """Return the addresses that a host is, if it is written as one; None for a name."""
    try:
        return str(ipaddress.ip_network(host))
    except ValueError:
        return None
