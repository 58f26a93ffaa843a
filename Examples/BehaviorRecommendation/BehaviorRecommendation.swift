// Two inputs, two tasks: how a user behaved so far and what is known of an item tell whether the user
// will like it (four stars or more) and, of what is liked, love it (five).
//
//     swift run -c release BehaviorRecommendation [--from FOLDER]

import Foundation
import Motet

@main
struct BehaviorRecommendation {
    static func main() {
        do {
            let file = try RatingFile(folder: folder(CommandLine.arguments))
            let (model, trainer) = try makeTrainer()
            print(model.summary())
            print(try fit(trainer, file, epochs: 10).table())
        } catch {
            FileHandle.standardError.write(Data("BehaviorRecommendation: \(error)\n".utf8))
            exit(1)
        }
    }

    /// The folder after `--from`; without it the one beside the package's.
    static func folder(_ arguments: [String]) throws -> String {
        switch arguments.count {
        case 1: return "../shared/data"
        case 3 where arguments[1] == "--from": return arguments[2]
        default:
            throw ExampleError(
                description: "arguments: expected none or --from FOLDER; received "
                    + "\(arguments.dropFirst().joined(separator: " "))."
            )
        }
    }

    static func makeTrainer() throws -> (Model, Trainer) {
        let user = try Input("user_behavior", shape: [Behavior.userWidth])
        let item = try Input("item", shape: [Behavior.itemWidth])
        let userTower = try Dense(64, activation: .relu)(user)
        let itemTower = try Dense(64, activation: .relu)(item)
        let shared = try Dense(128, activation: .relu, name: "shared_bottom")(
            Concatenate()(userTower, itemTower)
        )

        let model = try Model(
            inputs: [user, item],
            outputs: ["like": Dense(1)(shared), "love": Dense(1)(shared)]
        )
        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: [
                "like": .binary(metrics: [.auc, .logLoss]),
                "love": .binary(weight: 0.5, within: "like", metrics: [.auc]),
            ],
            seed: 42
        )
        return (model, trainer)
    }

    static func fit(_ trainer: Trainer, _ file: RatingFile, epochs: Int) throws -> History {
        let behavior = Behavior(file)
        return try trainer.fit(
            behavior.dataset(file, .training),
            epochs: epochs,
            batchSize: 256,
            validation: behavior.dataset(file, .validation)
        )
    }
}
