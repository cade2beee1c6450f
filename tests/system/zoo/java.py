from support import asking

from zoo.program import Program

SOURCE = """
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Main {
    public static void main(String[] arguments) throws Exception {
        new ProcessBuilder("sleep", "1000").start();
        new ProcessBuilder("setsid", "sleep", "1000").start();
        int port = Integer.parseInt(arguments[0]);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            byte[] body = "java of the zoo".getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
"""


class Java(Program):
    """A virtual machine with a plain child and one in a session of its own."""

    needs = ("java",)
    least = 3

    def prepare(self):
        self.write("Main.java", SOURCE)

    def start(self):
        limits = "-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
        return self.orphaned(f"java {limits} {self.folder}/Main.java {self.port}")

    def serves(self):
        return b"java of the zoo" in asking.http_get(self.port)
