# An image for all services and the steady load (target `testbed`), and another with the spillway command (`lab`).
# Node runs the TypeScript as it is: nothing is built. Whatever the checkout's modes are, any user may read what is copied.
ARG NODE_IMAGE
FROM ${NODE_IMAGE} AS base
WORKDIR /app

FROM base AS packages
COPY --chmod=755 package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error

FROM base AS testbed
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.cache
# Named volumes that are mounted here take over the owner.
RUN mkdir .cache /effects /state /run/spillway /run/broker /run/grafana /run/stream && \
  chown node:node .cache /effects /state /run/spillway /run/broker /run/grafana /run/stream
COPY --from=packages /app/node_modules node_modules
COPY --chmod=755 package.json ./
COPY --chmod=755 docker docker
COPY --chmod=755 services services
COPY --chmod=755 load load
USER node
# Compiled code is kept, which saves each start some 100 ms and 20 MB: every process loads its code, then refuses to be
# controlled from outside without a token.
RUN for folder in services/gateway services/publisher services/consumer services/downstream services/netproxy load/steady; do \
    CONTROL_HOST=0.0.0.0 node "$folder/main.ts" >/dev/null || true; \
  done
CMD ["node", "services/gateway/main.ts"]

FROM testbed AS lab
COPY --chmod=755 bin bin
COPY --chmod=755 lab lab
COPY --chmod=755 experiments experiments
ENTRYPOINT ["node", "lab/main.ts"]
CMD ["--help"]

# The target that is built if none is named.
FROM testbed
