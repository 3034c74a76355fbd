# Image with the package: the spillway command, all services and the steady load. `docker build -t spillway .`, then
# `docker run --rm spillway simulate 01`.
ARG NODE_IMAGE=node:24.21.0-trixie-slim
FROM ${NODE_IMAGE} AS base

FROM base AS build
WORKDIR /checkout
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
RUN node lab/build/package/build-package.ts /package

# --build-context package=FOLDER replaces this stage by a package that is built already.
FROM scratch AS package
COPY --from=build /package /

FROM base
LABEL org.opencontainers.image.title="spillway" \
  org.opencontainers.image.description="Shows, measures and proves what happens to systems when a dependency slows down." \
  org.opencontainers.image.version="1.0.0-rc.1" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.cache
# Named volumes that are mounted here take over the owner. Any user may write runs into /work.
RUN install --directory --owner=1000 --group=1000 \
    /app/.cache /effects /state /run/spillway /run/broker /run/grafana /run/stream && \
  install --directory --mode=1777 /work
# Any user may read the package, regardless of its modes.
COPY --from=package --chmod=755 / /app
# User `node`, by number, so that Kubernetes can check that it isn't root.
USER 1000:1000
WORKDIR /app
# Compiled code is kept, which saves each start some 100 ms and 20 MB: every process loads its code, then refuses to be
# controlled from outside without a token.
RUN for program in gateway publisher consumer downstream netproxy steady; do \
    CONTROL_HOST=0.0.0.0 node --enable-source-maps "dist/$program.js" >/dev/null || true; \
  done; \
  node bin/spillway.cjs --version >/dev/null
WORKDIR /work
ENTRYPOINT ["node", "/app/bin/spillway.cjs"]
CMD ["--help"]
