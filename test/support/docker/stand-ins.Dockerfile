# Stand-ins for the images of the registry. All have the same root file system, with Debian's packages and Node. Each
# adds the user, folders and commands that docker-compose.yml expects in the real image.
ARG ROOT
FROM ${ROOT} AS root
LABEL spillway.stand-in=true

FROM root AS node
RUN useradd --uid 1000 --create-home node
CMD ["node"]

FROM root AS nats
RUN mkdir -p /etc/nats && ln -s busybox /usr/bin/wget
CMD ["nats-server"]

FROM root AS prometheus
RUN mkdir -p /prometheus && chown 65534:65534 /prometheus
USER nobody
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
