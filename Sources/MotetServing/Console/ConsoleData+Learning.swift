import MotetExperiments

extension ConsoleData {
    /// The most steps of learning that are shown.
    static let learnedSteps = 12

    /// What learning promoted and discarded, the last step first.
    func writeLearning(to writer: inout JSONWriter) {
        writer.key("learning")
        guard let learning else { return writer.null() }
        writer.array { writer in
            for step in LearnedStep.recent(Self.learnedSteps, in: learning) {
                writer.object { Self.write(step, to: &$0) }
            }
        }
    }

    private static func write(_ step: LearnedStep, to writer: inout JSONWriter) {
        for (name, value) in [
            ("step", step.step), ("after", Int(step.after)), ("through", Int(step.through)),
            ("rows", step.rows), ("corrections", step.corrections),
        ] {
            writer.key(name)
            writer.integer(value)
        }
        writer.key("promoted")
        writer.optional(step.promoted.map { $0.split(separator: "/").last.map(String.init) ?? $0 })
        writer.key("reason")
        writer.optional(step.reason)
        writer.key("tasks")
        writer.array { writer in
            for cell in step.cells where cell.scenario == nil {
                writer.object { writer in
                    writer.key("task")
                    writer.text(cell.task)
                    for (name, value) in [("rows", cell.rows), ("positives", cell.positives)] {
                        writer.key(name)
                        writer.integer(value)
                    }
                    for (name, measure) in [("live", cell.live), ("candidate", cell.candidate)] {
                        writer.key(name)
                        writer.object { writer in
                            writer.key("log_loss")
                            writer.number(measure.logLoss)
                            writer.key("calibration")
                            writer.optional(measure.calibration)
                        }
                    }
                }
            }
        }
    }
}
