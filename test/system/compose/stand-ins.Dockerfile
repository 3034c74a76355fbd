# Stand-ins for the images of the registry, out of one root file system with Debian's packages and the machine's Node.
# They have the users, folders and commands that docker-compose.yml relies on.
FROM spillway-stand-in:root AS node
RUN useradd --uid 1000 --create-home node
CMD ["node"]

FROM spillway-stand-in:root AS nats
RUN mkdir -p /etc/nats && ln -s busybox /usr/bin/wget
CMD ["nats-server"]

FROM spillway-stand-in:root AS prometheus
RUN mkdir -p /prometheus && chown 65534:65534 /prometheus
USER nobody
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
