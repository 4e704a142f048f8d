# Manifests with an image by digest and a release by digest.
.PHONY: manifests

manifests: ## Write build/kubernetes.yaml: make manifests IMAGE=<registry>/<name>@sha256:<digest>
	@case '$(IMAGE)' in *@sha256:????????????????????????????????????????????????????????????????) ;; \
	*) echo 'Give the image by digest: make manifests IMAGE=<registry>/<name>@sha256:<digest>' >&2; exit 1;; esac
	@release=$$($(MLCHARTER) release verify | cut -d: -f1,2) && test -n "$$release" && \
	for file in deploy/kubernetes/*.yaml; do echo '---'; cat $$file; done \
		| sed -e 's|image: IMAGE|image: $(IMAGE)|' -e "s|value: RELEASE}|value: \"$$release\"}|" > build/kubernetes.yaml
	@echo build/kubernetes.yaml
