// Builds what the browser gets into dist/: plain names, the server adds the version.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import * as sass from 'sass'

const here = path.dirname(fileURLToPath(import.meta.url))
const dist = path.join(here, 'dist')
const resolve = createRequire(import.meta.url).resolve
const packages = path.join(here, 'node_modules')

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })

const { css } = sass.compile(path.join(here, 'src/styles/beffroi.scss'), {
  style: 'compressed',
  loadPaths: [packages],
  quietDeps: true,
})
await writeFile(path.join(dist, 'beffroi.css'), css)

await build({
  entryPoints: { beffroi: path.join(here, 'src/scripts/beffroi.js'), map: path.join(here, 'src/scripts/map.js') },
  outdir: dist,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  legalComments: 'linked',
})

// Leaflet's own images are left out: the marker is ours, drawn in CSS.
const leaflet = await readFile(resolve('leaflet/dist/leaflet.css'), 'utf8')
await writeFile(path.join(dist, 'map.css'), leaflet.replace(/background-image:\s*url\([^)]*\);?/g, ''))

const font = path.join(packages, '@fontsource-variable/atkinson-hyperlegible-next/files')
await copyFile(path.join(font, 'atkinson-hyperlegible-next-latin-wght-normal.woff2'), path.join(dist, 'text.woff2'))
await copyFile(path.join(here, 'src/static/favicon.svg'), path.join(dist, 'favicon.svg'))
