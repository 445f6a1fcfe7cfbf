import { build } from "esbuild"

/** Imports a module of src; what matches `external` is not loaded with it. */
export async function importSource(path, external = []) {
  const bundled = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    external,
    logLevel: "error",
  })
  const code = Buffer.from(bundled.outputFiles[0].text).toString("base64")
  return import(`data:text/javascript;base64,${code}`)
}
