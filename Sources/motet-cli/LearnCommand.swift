import ArgumentParser
import Foundation
import Motet

/// `motet learn`.
struct LearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Let a model that answers go on learning from what it showed.",
        discussion: """
            Joins what was shown with what became of it, learns what is new since the last time with small updates of \
            a candidate, measures the candidate and the model that answers on recent rows of users nothing is learnt \
            from, and makes the link lead to the candidate where it is better. `motet serve` follows the link. Nothing is \
            lost when the program is killed: it goes on where it was. Ctrl-C ends it; of a step that is not done \
            nothing is kept.

              motet learn learn.yaml
              motet learn learn.yaml --every 300
            """
    )

    @Argument(help: ArgumentHelp("The YAML file.", valueName: "configuration"))
    var file: String

    @Option(
        help:
            "The moment it is taken to be, in milliseconds since 1970; the earlier of the logs' last times if left out."
    )
    var through: Int64?

    @Option(
        help: "Look at the logs again after so many seconds, until the program is asked to stop."
    )
    var every: Double?

    func validate() throws {
        if let every, !(every > 0 && every <= 86_400) {
            throw ValidationError(
                "--every: out of range; expected seconds above 0, at most 86400; received \(every)."
            )
        }
        if every != nil, through != nil {
            throw ValidationError(
                "--through: it cannot stand beside --every; expected one of them."
            )
        }
    }

    func run() throws {
        Interruption.watch()
        let settings = try LearnSettings(contentsOf: URL(fileURLWithPath: file))
        let learner = ModelLearner(settings, engine: .oneDNN) { Interruption.isRequested }
        repeat {
            var steps = 0
            // Clocks of servers are a little apart.
            let latest = Int64(Date.now.timeIntervalSince1970 * 1000) + 300_000
            try learner.learn(through: through, latest: latest) { step in
                steps += 1
                print(step.table())
            }
            guard !Interruption.isRequested else { throw ExitStatus.interrupted }
            if steps == 0, every == nil {
                print("nothing to learn yet: the logs end before the next step does")
            }
            guard let every else { return }
            let end = Date.now.addingTimeInterval(every)
            while Date.now < end, !Interruption.isRequested { Thread.sleep(forTimeInterval: 0.2) }
        } while !Interruption.isRequested
        throw ExitStatus.interrupted
    }
}
