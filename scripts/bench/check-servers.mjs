// Real servers for the bench of checks: TCP that accepts, HTTP that says 200. Says so on standard output once it listens.
//   node scripts/bench/check-servers.mjs TCP_PORT HTTP_PORT
import { createServer } from "node:net"

const [tcpPort, httpPort] = process.argv.slice(2).map(Number)
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"

const tcp = createServer((socket) => socket.on("error", () => undefined).resume())
const http = createServer((socket) => {
  socket.on("error", () => undefined)
  socket.once("data", () => socket.end(ok))
})
tcp.listen({ port: tcpPort, backlog: 4096 }, () =>
  http.listen({ port: httpPort, backlog: 4096 }, () => console.log("listening")),
)
