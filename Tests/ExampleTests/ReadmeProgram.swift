import Motet

/// The programs of the README, word for word: `ReadmeTests` compares them.
enum ReadmeProgram {
    static func rows(
        behavior: [Float],
        items: [Float],
        clicks: [Float],
        purchases: [Float]
    ) throws -> PreparedDataset {
        // begin
        let train = try PreparedDataset(inMemory: [
            "user_behavior": .floats(behavior, width: 32), "item": .floats(items, width: 16),
            "label/click": .floats(clicks), "label/purchase": .floats(purchases),
        ])
        // end
        return train
    }

    static func train(_ train: PreparedDataset, _ valid: PreparedDataset) throws -> History {
        // begin
        let user = try Input("user_behavior", shape: [32])
        let item = try Input("item", shape: [16])
        let userTower = try Dense(64, activation: .relu)(user)
        let itemTower = try Dense(64, activation: .relu)(item)
        let both = try Concatenate()(userTower, itemTower)
        let shared = try Dense(128, activation: .relu, name: "shared_bottom")(both)

        let model = try Model(
            inputs: [user, item],
            outputs: ["click": Dense(1)(shared), "purchase": Dense(1)(shared)]
        )
        print(model.summary())

        let trainer = try Trainer(
            model,
            optimizer: .adam(learningRate: 1e-3),
            tasks: [
                "click": .binary(metrics: [.auc, .logLoss]),
                "purchase": .binary(weight: 0.5, within: "click", metrics: [.auc]),
            ],
            seed: 42
        )
        let history = try trainer.fit(train, epochs: 10, batchSize: 256, validation: valid)
        print(history.table())
        // end
        return history
    }
}
