// Many hosts in one process: ssh2's own server class on any number of loopback addresses. Each address is a host with an /etc,
// /var/lib and /run of its own, and commands are really run there. Takes root, and mounts that nobody else sees (alone.mjs).
//   node ssh2-server.mjs FOLDER PORT COUNT      folder: host_key, user_key.pub
import { spawn } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import ssh2 from "ssh2"
import { addresses } from "./sshd.mjs"

const [folder, port, count] = process.argv.slice(2)
const hostKeys = [readFileSync(join(folder, "host_key"))]
const welcome = ssh2.utils.parseKey(readFileSync(join(folder, "user_key.pub"))).getPublicSSH()

/** What base utilities look for in /etc; the rest of it is empty. */
const etc = ["passwd", "group", "nsswitch.conf", "os-release", "ld.so.cache"]
const inside = `for name in etc var/lib run; do mount --bind "$1/$name" "/$name"; done
exec sh -c "$2"`

for (const address of addresses(Number(count))) {
  const root = rootOf(address)
  new ssh2.Server({ hostKeys }, (client) => serve(client, root)).listen(Number(port), address)
}
console.log("listening")

function rootOf(address) {
  const root = join(folder, "roots", address)
  for (const name of ["etc/keepalived", "var/lib", "run"])
    mkdirSync(join(root, name), { recursive: true })
  for (const name of etc.filter((file) => existsSync(join("/etc", file))))
    copyFileSync(join("/etc", name), join(root, "etc", name))
  return root
}

function serve(client, root) {
  client
    .on("error", () => client.end())
    .on("authentication", (login) => {
      if (login.method !== "publickey" || !login.key.data.equals(welcome)) login.reject()
      else if (login.signature === undefined) login.accept()
      else if (verify(login)) login.accept()
      else login.reject()
    })
    .on("session", (accept) => {
      accept().on("exec", (take, _refuse, { command }) => run(command, root, take()))
    })
}

function verify({ key, blob, signature, hashAlgo }) {
  const publicKey = ssh2.utils.parseKey(`${key.algo} ${key.data.toString("base64")}`)
  return publicKey.verify(blob, signature, hashAlgo) === true
}

function run(command, root, channel) {
  const child = spawn("unshare", ["--mount", "sh", "-c", inside, "sh", root, command])
  channel.pipe(child.stdin)
  child.stdin.on("error", () => undefined) // the command need not read to the end
  channel.on("close", () => child.stdin.end())
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  child.on("close", (code) => {
    channel.exit(code ?? 255)
    channel.end()
  })
}
