/** A file that `lbctl init DIR` writes; the path is relative to DIR. */
export interface StarterFile {
  readonly path: string
  readonly content: string
}

/**
 * A commented inventory that validates as it stands: two directors, two real servers, one service.
 * `schemaFolder` is where editors find lbctl's JSON Schemas: an absolute path or a URL.
 */
export function starterFiles(schemaFolder: string): StarterFile[] {
  const schema = (name: string) =>
    `# yaml-language-server: $schema=${schemaFolder}/${name}.schema.json\n`
  return [
    { path: "hosts.yml", content: hosts },
    { path: "clusters.yml", content: schema("clusters") + clusters },
    { path: "services/web.yml", content: schema("services") + web },
  ]
}

const hosts = `# The machines: an Ansible inventory, read as Ansible reads it.
# group_vars/ and host_vars/ beside this file, ranges such as rs[01:20] and child groups work too.
all:
  vars:
    ansible_user: root            # who logs in over SSH
    # ansible_become: true        # for a user who must become root by sudo
  children:
    directors:                    # they hold the VIPs and balance
      hosts:
        lb1: { ansible_host: 192.0.2.11 }
        lb2: { ansible_host: 192.0.2.12 }
    web:                          # real servers: a host added here is set up and balanced to
      hosts:
        rs1: { ansible_host: 192.0.2.21 }
        rs2: { ansible_host: 192.0.2.22 }
        # Where traffic goes to another address than SSH does, or to IPv6 as well:
        # rs3: { ansible_host: 10.0.0.23, lbctl_address: [192.0.2.23, "2001:db8::23"] }
`

const clusters = `# The clusters of directors. A cluster's directors share its VIPs by VRRP.
clusters:
  main:
    directors: directors          # an inventory group, or a list of hosts
    real_servers: web             # the group that serves unless a service names another
    forwarding: dr                # dr (direct routing) | nat | tun
    vrrp:
      interface: eth0             # holds the VIPs; where it differs: { lb1: eth0, lb2: ens3 }
      virtual_router_id: 51       # unused by others on the network, 1 to 255
      advert_int: 1s              # a backup takes over after three of these and a bit
      # priority: { lb1: 150, lb2: 100 }     # the highest is master; default: by order in the group
    # Keeps established connections over a takeover:
    # connection_sync: { interface: eth0 }
    # How an apply goes over the hosts: one first, watched for a while; then batch by batch.
    # rollout: { canary: [rs1], soak: 30s, serial: [1, 25%, 100%], max_fail_percentage: 10 }
`

const web = `# Virtual services; one file may hold several, and every *.yml of this folder is read.
services:
  web:
    cluster: main
    vip: 192.0.2.10               # or a list: [192.0.2.10, "2001:db8::10"]
    ports: [80/tcp]               # 443/tcp, 53/udp, 5060/sctp; each port is balanced by itself
    scheduler: wlc                # weighted least connections; mh (Maglev hashing) keeps clients in place
    check: { type: http, path: /, status: 200, interval: 6s, timeout: 3s, retries: 1 }
    # backends:
    #   weight: 10                # of every real server
    #   hosts: { rs2: { weight: 5 } }
    # persistence: { timeout: 50s }           # a client stays with its real server
    # sorry_server: 192.0.2.99:80             # answers while too few real servers are up
    # quorum: { up: 1, hysteresis: 0 }
`
