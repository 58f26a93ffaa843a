import ArgumentParser
import Foundation
import Motet
import MotetServing

/// `motet serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer requests over HTTP with a trained run.",
        discussion: """
            `POST /v1/score` gives every task's score for the items of a request, from the same features and \
            the same numbers as `motet predict`. `/readyz` tells when the model is warm. Ctrl-C and SIGTERM \
            let requests in flight end. The log goes to standard error, a line of JSON for each event. \
            docs/serving has every route and every key of the configuration.

              motet serve runs/ple
              motet serve runs/ple --port 9000 --config serve.yaml
            """
    )

    @Argument(help: ArgumentHelp("The run directory, or a link to one.", valueName: "run"))
    var runPath: String

    @Option(help: "The port; 0 takes one that is free. Default: the configuration's, else 8080.")
    var port: Int?

    @Option(help: "The address to listen at. Default: the configuration's, else 127.0.0.1.")
    var host: String?

    @Option(help: "How the server listens, computes and protects itself (YAML).")
    var config: String?

    func validate() throws {
        if let port, !(0...65_535).contains(port) {
            throw ValidationError(
                "'--port' is out of range; expected from 0 to 65535; received \(port)."
            )
        }
    }

    func run() throws {
        var settings =
            try config.map { try ServingSettings(contentsOf: URL(fileURLWithPath: $0)) }
            ?? ServingSettings()
        if let port { settings.port = port }
        if let host { settings.host = host }
        // A client that went away must not end the server; a parent may have blocked the signals it stops by.
        signal(SIGPIPE, SIG_IGN)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        try ModelServer(run: runPath, settings: settings, engine: .oneDNN).runToEnd()
    }
}
